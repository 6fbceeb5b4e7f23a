//! Whether this machine itself drops what it sends: a socket cannot tell, the kernel's counters can.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Facts, Measured};

/// Parallel SYNs, several times, and the kernel's counters during one retransmission of each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LocalDrops {
    /// In the order in which they were made.
    pub rounds: Vec<LocalRound>,
}

impl Facts for LocalDrops {
    fn measured(&self) -> Vec<Measured<'_>> {
        self.rounds.iter().map(|round| Measured::Port(round.address, round.port)).collect()
    }
}

/// One burst of SYNs to one port. The counters cover the whole network namespace, other programs included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalRound {
    /// The address.
    pub address: IpAddr,
    /// The TCP port.
    pub port: u16,
    /// SYNs sent in parallel, each on its own connection.
    pub syns: u32,
    /// How many of them the kernel retransmitted during the count.
    pub retransmitted: u32,
    /// Retransmissions that failed inside this machine meanwhile (`TCPRetransFail`).
    pub retransmissions_failed: u64,
    /// IP packets that this machine tried to send meanwhile and did not (`OutRequests` less `OutTransmits`, both
    /// families); `None` if the kernel does not count them.
    pub packets_not_sent: Option<u64>,
}
