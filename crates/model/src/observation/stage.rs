//! The names of the stages.

use crate::enum_words;

enum_words! {
    /// A stage of an attempt.
    #[derive(PartialOrd, Ord)]
    pub enum Stage {
        /// The name becomes addresses.
        Resolve = "resolve",
        /// TCP.
        Connect = "connect",
        /// A proxy's CONNECT or SOCKS answer.
        Proxy = "proxy",
        /// TLS.
        Tls = "tls",
        /// The WebSocket upgrade.
        Upgrade = "upgrade",
        /// The first answer in the protocol itself.
        Exchange = "exchange",
    }
}
