//! Whether full-size packets from this machine arrive, and which sizes do.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Facts, Measured};
use crate::hub::CheckId;

/// The first message of one check, made long, in segments of several sizes, each on its own connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Upstream {
    /// The check.
    pub check: CheckId,
    /// The destination.
    pub address: IpAddr,
    /// One for each connection.
    pub trials: Vec<UpstreamTrial>,
}

impl Facts for Upstream {
    /// What a link carries to an address, it carries to every port.
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Address(self.address)]
    }
}

/// One message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UpstreamTrial {
    /// The largest TCP segment (MSS) for both ends, in bytes; `None` if the system chose.
    pub mss: Option<u16>,
    /// The length of the message inside TLS, in bytes; 0 if it was not sent.
    pub bytes: usize,
    /// From the first SYN to the answer, in milliseconds.
    pub duration_ms: f64,
    /// The result.
    pub answer: UpstreamAnswer,
}

/// The result of a long message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum UpstreamAnswer {
    /// An answer, or the connection's end: both show that it arrived.
    Answered,
    /// No answer in time.
    Silent {
        /// Whether the peer's TCP acknowledged all of it; `None` if the system does not tell.
        acknowledged: Option<bool>,
        /// Retransmitted segments on the connection; `None` if the system does not tell.
        retransmits: Option<u32>,
    },
    /// The TLS handshake failed: the message was not sent.
    NotOpened,
    /// The run's deadline or the user ended it.
    Cancelled,
}
