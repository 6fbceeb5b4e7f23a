//! Whether this machine drops the answers because they arrive at another interface than the route to their sender uses.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Facts, Measured};

/// Parallel SYNs, then more of them, and what the kernel's reverse path filter (RFC 3704) counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReversePath {
    /// The address.
    pub address: IpAddr,
    /// The TCP port.
    pub port: u16,
    /// The interfaces whose filter is on.
    pub filtering: Vec<String>,
    /// In the order in which they were made.
    pub rounds: Vec<ReversePathRound>,
}

/// One burst of SYNs. The counter covers the whole network namespace, other programs' packets included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReversePathRound {
    /// SYNs sent in parallel, each on its own connection.
    pub syns: u64,
    /// Packets that the filter dropped while an answer could still arrive.
    pub filtered: u64,
}

impl Facts for ReversePath {
    /// The filter checks addresses only.
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Address(self.address)]
    }
}
