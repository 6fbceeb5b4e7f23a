//! Whether what this machine sends in full packets arrives, and in which sizes it does.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Facts, Measured};
use crate::hub::CheckId;

/// The first message of one check, made long, in segments of several sizes, each on a connection of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Upstream {
    /// The check.
    pub check: CheckId,
    /// Where it went.
    pub address: IpAddr,
    /// One for each connection.
    pub trials: Vec<UpstreamTrial>,
}

impl Facts for Upstream {
    /// What a link to an address carries, it carries for every port.
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Address(self.address)]
    }
}

/// One message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UpstreamTrial {
    /// The largest TCP segment (MSS) that either end may send, in bytes; `None` where the system chose.
    pub mss: Option<u16>,
    /// The length of the message inside TLS, in bytes; 0 where it was not sent.
    pub bytes: usize,
    /// From the first SYN to the answer, in milliseconds.
    pub duration_ms: f64,
    /// What came of it.
    pub answer: UpstreamAnswer,
}

/// What a long message gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum UpstreamAnswer {
    /// An answer, or the connection's end, which both show that it arrived.
    Answered,
    /// Nothing in time.
    Silent {
        /// Whether the peer's TCP acknowledged all of it; `None` where the system does not tell.
        acknowledged: Option<bool>,
        /// Segments sent again on the connection; `None` where the system does not tell.
        retransmits: Option<u32>,
    },
    /// TLS did not come about: it was not sent.
    NotOpened,
    /// The run's deadline or the user ended it.
    Cancelled,
}
