//! How a check gets to the hub.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The way from here to the hub. The routers in between are the *path*, not the route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Route {
    /// Straight to the hub's address.
    Direct,
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Direct => f.pad("direct"),
        }
    }
}

/// A word that is no route.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown route; use: direct")]
pub struct UnknownRoute;

impl FromStr for Route {
    type Err = UnknownRoute;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "direct" => Ok(Self::Direct),
            _ => Err(UnknownRoute),
        }
    }
}
