//! A name server, as text and by its position.

use std::{
    collections::HashSet,
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use crate::observation::{Observations, kind};

/// The port that texts leave out.
const DEFAULT_PORT: u16 = 53;

/// A name server that was queried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::diagnosis) struct NameServer {
    at: SocketAddr,
    position: ServerPosition,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum ServerPosition {
    /// In the network.
    Network,
    /// On this machine; it forwards queries to others.
    ThisMachine,
    /// Behind a forwarder on this machine.
    BehindForwarder,
}

/// The servers behind this machine's forwarders, indexed once.
pub(super) struct Upstreams<'a>(HashSet<&'a SocketAddr>);

impl<'a> Upstreams<'a> {
    pub(super) fn of(run: &'a Observations) -> Self {
        Self(run.facts::<kind::NameSources>().flat_map(|sources| &sources.upstreams).collect())
    }

    pub(super) fn server(&self, at: SocketAddr) -> NameServer {
        let position = match () {
            () if at.ip().is_loopback() => ServerPosition::ThisMachine,
            () if self.0.contains(&at) => ServerPosition::BehindForwarder,
            () => ServerPosition::Network,
        };
        NameServer { at, position }
    }
}

impl NameServer {
    /// A single server of a run; for many, use [`Upstreams`].
    pub(in crate::diagnosis) fn of(run: &Observations, at: SocketAddr) -> Self {
        Upstreams::of(run).server(at)
    }

    /// Whether it is a forwarder on this machine. No one in the network is to blame for its answers, unless the servers
    /// behind it give the same.
    pub(in crate::diagnosis) fn is_local_forwarder(self) -> bool {
        self.position == ServerPosition::ThisMachine
    }

    /// Whether the system's resolver queries it directly.
    pub(in crate::diagnosis) fn is_configured(self) -> bool {
        self.position != ServerPosition::BehindForwarder
    }
}

impl fmt::Display for NameServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address: &dyn fmt::Display = if self.at.port() == DEFAULT_PORT { &self.at.ip() } else { &self.at };
        match (self.position, forwarder_software(self.at.ip())) {
            (ServerPosition::Network, _) => write!(f, "{address}"),
            (ServerPosition::ThisMachine, Some(forwarder_software)) => {
                write!(f, "the forwarder on this machine ({address}, {forwarder_software})")
            }
            (ServerPosition::ThisMachine, None) => write!(f, "the forwarder on this machine ({address})"),
            (ServerPosition::BehindForwarder, _) => write!(f, "{address} (behind the forwarder)"),
        }
    }
}

/// The software that uses this reserved loopback address.
fn forwarder_software(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(v4) if matches!(v4.octets(), [127, 0, 0, 53 | 54]) => Some("systemd-resolved"),
        IpAddr::V4(v4) if v4 == Ipv4Addr::new(127, 0, 0, 11) => Some("the container engine's"),
        _ => None,
    }
}
