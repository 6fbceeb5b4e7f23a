//! From how far away comes what ends a TLS hello, against the handshake of the same port.

use serde::{Deserialize, Serialize};

use super::{Facts, HelloTrace, Measured, Trace, hops_taken};

/// Hellos that may take only so many hops, each on a connection that was made with as many as it takes; and the TTL of what
/// comes back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HelloDistance {
    /// The path of SYNs to the same port; its `answer_ttl` is that of the handshake.
    pub path: Trace,
    /// As every attempt sends them; none where the peer does not wait for one.
    pub hellos: HelloTrace,
    /// Whether the peer speaks, or ends the connection, although nothing is sent to it.
    pub unprompted: bool,
    /// The TTL (IPv6: hop limit) with which what ends a hello arrives here; `None` where it was not measured, or is not
    /// steady.
    pub end_ttl: Option<u8>,
}

impl HelloDistance {
    /// Whether what ends a hello has come as far as the handshake.
    pub fn ends_as_far_away_as_it_began(&self) -> bool {
        self.end_ttl.is_some() && self.end_ttl.map(hops_taken) == self.path.answer_ttl.map(hops_taken)
    }
}

impl Facts for HelloDistance {
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Port(self.path.address, self.path.port)]
    }
}
