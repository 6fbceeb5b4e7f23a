//! How thorough a probe is: a closed list, so that a scrape's configuration cannot ask for what was not meant.

use std::{fmt, str::FromStr};

use crate::hub::Depth;

/// How far a probe goes, and whether it looks for reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Module {
    /// To the hub's answer in each protocol.
    #[default]
    Default,
    /// To the TCP handshake: bothers the hub least, and proves least.
    Connect,
    /// To the TLS handshake: leaves nothing in the hub's logs.
    Tls,
    /// As the default, and where something fails experiments tell causes apart.
    Explain,
}

impl Module {
    /// Every module, the default first.
    pub const ALL: [Self; 4] = [Self::Default, Self::Connect, Self::Tls, Self::Explain];

    /// The word in requests.
    pub fn id(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Explain => "explain",
        }
    }

    /// How far to go.
    pub fn depth(self) -> Depth {
        match self {
            Self::Default | Self::Explain => Depth::Exchange,
            Self::Connect => Depth::Connect,
            Self::Tls => Depth::Tls,
        }
    }

    /// Whether to tell causes apart by second measurements.
    pub fn experiments(self) -> bool {
        self == Self::Explain
    }
}

impl fmt::Display for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// A word that is no module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown module; use one of: default, connect, tls, explain")]
pub struct UnknownModule;

impl FromStr for Module {
    type Err = UnknownModule;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|module| module.id() == word).ok_or(UnknownModule)
    }
}
