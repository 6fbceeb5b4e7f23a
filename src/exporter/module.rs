//! How thorough a probe is: a closed list, so that a scrape's configuration cannot ask for more.

use hubreach_model::enum_words;

use crate::hub::Depth;

enum_words! {
    /// How far a probe goes, and whether it looks for reasons.
    #[derive(PartialOrd, Ord, Default)]
    pub enum Module {
        /// To the hub's answer in each protocol.
        #[default]
        Default = "default",
        /// To the TCP handshake: bothers the hub least, and proves least.
        Connect = "connect",
        /// To the TLS handshake: leaves nothing in the hub's logs.
        Tls = "tls",
        /// As the default, and where something fails experiments tell causes apart.
        Explain = "explain",
    }
    read as "module" or UnknownModule
}

impl Module {
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
