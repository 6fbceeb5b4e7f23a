//! Where on the path a hello with the hub's name is stopped, against one with another name.

use serde::{Deserialize, Serialize};

use super::{Facts, Measured, path::Trace};
use crate::observation::Rejection;

/// Hellos that may take only so many hops, each on a connection that was made with as many as it takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HelloPath {
    /// The path of SYNs to the same port, which names the routers.
    pub path: Trace,
    /// With the hub's name.
    pub own: HelloTrace,
    /// With a name that nobody filters.
    pub other: HelloTrace,
    /// Who rejects a hello with the hub's name, and how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejection: Option<Rejection>,
}

impl Facts for HelloPath {
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Port(self.path.address, self.path.port)]
    }
}

/// Hellos with one name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HelloTrace {
    /// The name in them (SNI, RFC 6066).
    pub server_name: String,
    /// One for each hello, as they ended.
    pub probes: Vec<HelloProbe>,
}

/// One hello with a limited TTL (IPv6: hop limit), which stays limited when the system sends it once more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HelloProbe {
    /// How many hops it may take.
    pub ttl: u8,
    /// In which round it was sent.
    pub flow: u8,
    /// When, in milliseconds since the experiment began.
    pub sent_ms: f64,
    /// What came of it.
    pub answer: HopAnswer,
}

/// What a hello with a limited TTL gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HopAnswer {
    /// Its hops ran out; by which router, an established connection is not told, nor whether an ICMP error that calls the hub
    /// unreachable was another.
    TimeExceeded,
    /// A ServerHello.
    ServerHello,
    /// A RST, a FIN, an alert, an ICMP rejection or what is no TLS.
    Refused,
    /// Nothing in time.
    Silent,
    /// The TCP handshake failed, or the run ended: it was not sent.
    NotSent,
}
