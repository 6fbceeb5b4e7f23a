//! How the hub's name became addresses.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Outcome;

/// How a name became addresses, or failed to.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Resolution {
    /// `not-reached` if there was nothing to resolve: an IP literal, or an address given by the user.
    pub outcome: Outcome,
    /// In milliseconds; `None` if nothing was resolved.
    pub duration_ms: Option<f64>,
    /// Every address in the resolver's order, also those that were not tried.
    pub addresses: Vec<IpAddr>,
    /// The chain of aliases, if known.
    pub cname: Vec<String>,
    /// How it failed, if it did.
    pub failure: Option<ResolveFailure>,
    /// Who was asked.
    #[serde(default)]
    pub source: ResolutionSource,
}

impl Resolution {
    /// That of a name that was not resolved before the run ended.
    pub fn cancelled() -> Self {
        Self { outcome: Outcome::Cancelled, ..Self::default() }
    }
}

/// Who was asked for the addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResolutionSource {
    /// The machine's own resolver (`getaddrinfo`): what every other program here uses.
    #[default]
    System,
    /// Its name servers, by our own queries, because it had no answer after a second, or gave up.
    OwnQueries,
    /// The name servers that the user named.
    NamedServers,
}

/// How `getaddrinfo` failed (RFC 3493, section 6.1). It merges causes; our own DNS queries can distinguish them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ResolveFailure {
    /// `EAI_NONAME`: the name does not exist, or on some systems has no address.
    NameNotFound,
    /// `EAI_NODATA`, `EAI_ADDRFAMILY`, or no address left of the requested family: the name exists without such an
    /// address.
    NoAddress,
    /// `EAI_AGAIN`: no name server answered, or it answered "server failure".
    TryAgain,
    /// `EAI_FAIL`: the name server refused.
    ServerFailure,
    /// No answer before the stage's deadline.
    TimedOut,
    /// Anything else, in the system's words.
    Other {
        /// The system's words.
        message: String,
    },
}
