//! The names of the stages.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A stage of the stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The name becomes addresses.
    Resolve,
    /// TCP.
    Connect,
    /// A proxy's CONNECT or SOCKS answer.
    Proxy,
    /// TLS.
    Tls,
    /// The WebSocket upgrade.
    Upgrade,
    /// The first answer in the protocol itself.
    Exchange,
}

impl Stage {
    /// The word used in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Proxy => "proxy",
            Self::Tls => "tls",
            Self::Upgrade => "upgrade",
            Self::Exchange => "exchange",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}
