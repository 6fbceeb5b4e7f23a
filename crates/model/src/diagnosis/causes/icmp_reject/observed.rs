//! What shows that an ICMP error answers.

use std::{fmt, net::IpAddr};

use super::sender;
use crate::diagnosis::{evidence::Statement, icmp::IcmpError, text::duration_in_sentence};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Observed {
    Answered { address: IpAddr, port: u16, offender: Option<IpAddr>, error: IcmpError },
    FromThisMachine { address: IpAddr, port: u16, error: IcmpError },
    NeighbourSearch { for_ms: f64 },
    RateLimited { address: IpAddr, port: u16 },
    Unreachable { address: IpAddr, port: u16, took_ms: f64 },
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered { address, port, offender, error } => write!(
                f,
                "a SYN to {address} port {port} was answered by {} with ICMP {}",
                sender(*offender),
                error.name()
            ),
            Self::FromThisMachine { address, port, error } => write!(
                f,
                "a SYN to {address} port {port} was answered by this machine's own address with ICMP {}",
                error.name()
            ),
            Self::NeighbourSearch { for_ms } => write!(
                f,
                "it took {} to say so: so long a router looks for a machine on its own link, and a missing route is told at once",
                duration_in_sentence(*for_ms)
            ),
            Self::RateLimited { address, port } => {
                write!(f, "SYNs to {address} port {port} got no answer at all, as when such errors are rationed")
            }
            Self::Unreachable { address, port, took_ms } => write!(
                f,
                "connecting to {address} port {port} failed as unreachable after {}: something on the way must have said \
                 so, and this system does not tell who",
                duration_in_sentence(*took_ms)
            ),
        }
    }
}
