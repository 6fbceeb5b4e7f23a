//! Where on the path a TLS hello ends that is never acknowledged, against SYNs to the same port, which pass.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Facts, HelloTrace, Measured, Trace};

/// Hellos that may take only so many hops, each on a connection that was made with as many as it takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DroppedHello {
    /// The path of SYNs to the same port, before and after the hellos.
    pub path: Trace,
    /// As every attempt sends them.
    pub hellos: HelloTrace,
    /// Who rejects one, and how.
    pub rejection: Option<Rejection>,
}

impl Facts for DroppedHello {
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Port(self.path.address, self.path.port)]
    }
}

/// The ICMP or ICMPv6 error that answers a SYN with a hello in it (RFC 7413, without a cookie): who sends one, systems tell of
/// SYNs alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// ICMP or ICMPv6 type.
    #[serde(rename = "type")]
    pub icmp_type: u8,
    /// ICMP or ICMPv6 code.
    pub code: u8,
    /// Who sent it.
    pub offender: Option<IpAddr>,
    /// Whether that is this machine itself.
    pub from_this_machine: bool,
}
