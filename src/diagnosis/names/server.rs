//! A name server, as it is told of.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use crate::observation::{NameSources, Observations, kind};

/// The port that goes without saying.
const PORT: u16 = 53;

/// A name server that was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::diagnosis) struct NameServer {
    at: SocketAddr,
    stands: Stands,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stands {
    /// In the network.
    Away,
    /// On this machine, where it asks others: what it says is theirs.
    Here,
    /// Behind a forwarder on this machine.
    BehindForwarder,
}

impl NameServer {
    pub(in crate::diagnosis) fn of(run: &Observations, at: SocketAddr) -> Self {
        let behind = |sources: &NameSources| sources.upstreams.contains(&at);
        let stands = match () {
            () if at.ip().is_loopback() => Stands::Here,
            () if run.facts::<kind::NameSources>().any(behind) => Stands::BehindForwarder,
            () => Stands::Away,
        };
        Self { at, stands }
    }

    /// Whether it is a forwarder on this machine: nobody in the network is to be accused of what it says, unless those
    /// behind it say the same.
    pub(in crate::diagnosis) fn is_here(self) -> bool {
        self.stands == Stands::Here
    }

    /// Whether the system's resolver asks it itself.
    pub(in crate::diagnosis) fn is_configured(self) -> bool {
        self.stands != Stands::BehindForwarder
    }
}

impl fmt::Display for NameServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address: &dyn fmt::Display = if self.at.port() == PORT { &self.at.ip() } else { &self.at };
        match (self.stands, software(self.at.ip())) {
            (Stands::Away, _) => write!(f, "{address}"),
            (Stands::Here, Some(software)) => write!(f, "the forwarder on this machine ({address}, {software})"),
            (Stands::Here, None) => write!(f, "the forwarder on this machine ({address})"),
            (Stands::BehindForwarder, _) => write!(f, "{address} (behind the forwarder)"),
        }
    }
}

/// What listens at a loopback address that is set aside for it.
fn software(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(v4) if matches!(v4.octets(), [127, 0, 0, 53 | 54]) => Some("systemd-resolved"),
        IpAddr::V4(v4) if v4 == Ipv4Addr::new(127, 0, 0, 11) => Some("the container engine's"),
        _ => None,
    }
}
