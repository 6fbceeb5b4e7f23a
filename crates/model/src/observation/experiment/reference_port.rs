//! Whether the port of an address that is let out most often answers, where it is not checked and none that is does.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Facts, Measured};

/// One TCP handshake, of which nothing further is asked.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ReferencePort {
    /// The address.
    pub address: IpAddr,
    /// The TCP port.
    pub port: u16,
    /// Whether the connection was taken; `null` where nothing came.
    pub taken: Option<bool>,
    /// How long that took, in milliseconds.
    pub took_ms: f64,
}

impl Facts for ReferencePort {
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Address(self.address)]
    }
}
