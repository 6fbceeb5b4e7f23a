//! Whether the port that firewalls allow most often answers, measured if it is not checked and no checked port answers.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Facts, Measured};

/// One TCP handshake and nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ReferencePort {
    /// The address.
    pub address: IpAddr,
    /// The TCP port.
    pub port: u16,
    /// Whether the connection was accepted; `null` if no answer came.
    pub taken: Option<bool>,
    /// How long that took, in milliseconds.
    pub took_ms: f64,
}

impl Facts for ReferencePort {
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Address(self.address)]
    }
}
