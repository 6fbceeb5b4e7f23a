//! Where on the path a hello with the hub's name is stopped, compared with one with another name.

use serde::{Deserialize, Serialize};

use super::{Facts, Measured, path::Trace};
use crate::observation::Rejection;

/// Hellos with a limited TTL, each on a connection whose handshake had a full one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HelloPath {
    /// The path of SYNs to the same port, which names the routers.
    pub path: Trace,
    /// With the hub's name.
    pub own: HelloTrace,
    /// With a name that is not filtered.
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
    /// One for each hello, in the order in which they ended.
    pub probes: Vec<HelloProbe>,
}

/// One hello with a limited TTL (IPv6: hop limit), which also limits its retransmissions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HelloProbe {
    /// How many hops it may take.
    pub ttl: u8,
    /// Its round.
    pub flow: u8,
    /// When it was sent, in milliseconds since the experiment began.
    pub sent_ms: f64,
    /// The result.
    pub answer: HopAnswer,
}

/// The result of a hello with a limited TTL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HopAnswer {
    /// Its TTL expired. An established connection sees neither at which router, nor whether the ICMP error was another
    /// that reports the hub unreachable.
    TimeExceeded,
    /// A ServerHello.
    ServerHello,
    /// A RST, a FIN, an alert, an ICMP rejection or bytes that are not TLS.
    Refused,
    /// No answer in time.
    Silent,
    /// The TCP handshake failed, or the run ended: it was not sent.
    NotSent,
}
