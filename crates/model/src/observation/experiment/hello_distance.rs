//! The distance of the device that ends a TLS hello, compared with the handshake of the same port.

use serde::{Deserialize, Serialize};

use super::{Facts, HelloTrace, Measured, Trace, hops_taken};

/// Hellos with a limited TTL, each on a connection whose handshake had a full one; and the TTL of the answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HelloDistance {
    /// The path of SYNs to the same port; its `answer_ttl` is that of the handshake.
    pub path: Trace,
    /// The hello that every attempt sends; none if the peer does not wait for one.
    pub hellos: HelloTrace,
    /// Whether the peer speaks, or ends the connection, before anything is sent.
    pub unprompted: bool,
    /// The TTL (IPv6: hop limit) with which the end of a hello arrives here; `None` if it was not measured, or varies.
    pub end_ttl: Option<u8>,
}

impl HelloDistance {
    /// Whether what ends a hello comes from the distance of the handshake.
    pub fn ends_as_far_away_as_it_began(&self) -> bool {
        self.end_ttl.is_some() && self.end_ttl.map(hops_taken) == self.path.answer_ttl.map(hops_taken)
    }
}

impl Facts for HelloDistance {
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Port(self.path.address, self.path.port)]
    }
}
