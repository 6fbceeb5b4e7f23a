//! Whether this machine drops the answers because they come in by another interface than packets to their sender leave by.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Facts, Measured};

/// Several SYNs at once, a second time more of them, and what the kernel's reverse path filter (RFC 3704) counted.
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

/// One burst of SYNs. The counter is that of the whole network namespace: packets of others count too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReversePathRound {
    /// SYNs sent at once, each on a connection of its own.
    pub syns: u64,
    /// Packets that the filter dropped until none of them can have an answer under way.
    pub filtered: u64,
}

impl Facts for ReversePath {
    /// The filter looks at addresses alone.
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Address(self.address)]
    }
}
