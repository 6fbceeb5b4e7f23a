//! A name server, as it is told of.

use std::{
    collections::HashSet,
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use crate::observation::{Observations, kind};

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

/// The servers that stand behind this machine's forwarders, looked up once for many.
pub(super) struct Upstreams<'a>(HashSet<&'a SocketAddr>);

impl<'a> Upstreams<'a> {
    pub(super) fn of(run: &'a Observations) -> Self {
        Self(run.facts::<kind::NameSources>().flat_map(|sources| &sources.upstreams).collect())
    }

    pub(super) fn server(&self, at: SocketAddr) -> NameServer {
        let stands = match () {
            () if at.ip().is_loopback() => Stands::Here,
            () if self.0.contains(&at) => Stands::BehindForwarder,
            () => Stands::Away,
        };
        NameServer { at, stands }
    }
}

impl NameServer {
    /// One of a run; for many of them, [`Upstreams`].
    pub(in crate::diagnosis) fn of(run: &Observations, at: SocketAddr) -> Self {
        Upstreams::of(run).server(at)
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
