//! ICMP errors that answer anything but a plain connection attempt.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// An ICMP or ICMPv6 error that answers a DNS query, or a SYN with a hello in it (RFC 7413, without a cookie).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// ICMP or ICMPv6 type.
    #[serde(rename = "type")]
    pub icmp_type: u8,
    /// ICMP or ICMPv6 code.
    pub code: u8,
    /// The sender.
    pub offender: Option<IpAddr>,
    /// Whether that is this machine itself.
    pub from_this_machine: bool,
}
