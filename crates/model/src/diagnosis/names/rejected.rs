//! Questions that an ICMP error answers: whose word it is decides whose doing.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

use crate::{
    diagnosis::{
        Location, Owner,
        icmp::{Blame, IcmpError},
    },
    observation::{KernelRoute, Observations, Rejection},
};

/// Who rejects a question to a name server, and in which words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::diagnosis) struct Rejected {
    pub(in crate::diagnosis) by: IpAddr,
    pub(in crate::diagnosis) error: IcmpError,
    sender: Sender,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sender {
    /// This machine, by a rule or for want of a neighbour.
    ThisMachine,
    /// The name server's own address.
    TheServer,
    /// A router on the way to it.
    ARouter,
}

impl Rejected {
    pub(super) fn of(server: SocketAddr, icmp: Rejection) -> Option<Self> {
        let by = icmp.offender?;
        let sender = match () {
            () if icmp.from_this_machine => Sender::ThisMachine,
            () if by == server.ip() => Sender::TheServer,
            () => Sender::ARouter,
        };
        let error = IcmpError { icmp_type: icmp.icmp_type, code: icmp.code, v6: server.is_ipv6() };
        Some(Self { by, error, sender })
    }

    /// Whether the server's own address says so: its machine is up, and serves no names, or not to this network.
    pub(in crate::diagnosis) fn is_by_the_server(self) -> bool {
        self.sender == Sender::TheServer
    }

    /// Whether it is a rule on the way, rather than a route that is missing.
    pub(in crate::diagnosis) fn is_forbidden(self) -> bool {
        self.sender == Sender::ARouter && self.error.blame() != Blame::Routing
    }

    /// Whose doing it is. A router's rule is not the name server's fault.
    pub(in crate::diagnosis) fn owner(self) -> Owner {
        match (self.sender, self.error.blame()) {
            (Sender::ThisMachine, Blame::Policy | Blame::Port) => Owner::Operator,
            (Sender::TheServer, _) => Owner::DnsAdmin,
            (Sender::ARouter, Blame::Policy | Blame::Port) => Owner::FirewallOwner,
            (Sender::ThisMachine | Sender::ARouter, Blame::Routing) => Owner::NetworkAdmin,
        }
    }

    /// Where on the path that is, where it is the first router on the way to a name server.
    pub(in crate::diagnosis) fn location(self, run: &Observations) -> Option<Location> {
        let mut ways = run.vantage.network.iter().flat_map(|own| &own.resolvers).map(|server| &server.way);
        let is_first = ways.any(|way| matches!(way, KernelRoute::Found { gateway, .. } if *gateway == Some(self.by)));
        let at = Location { hop: 1, address: Some(self.by), next: None, of: None };
        (self.sender == Sender::ARouter && is_first).then_some(at)
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whose = match self.sender {
            Sender::ThisMachine => "this machine's own address",
            Sender::TheServer => "the server's own address",
            Sender::ARouter => "a router's",
        };
        write!(f, "ICMP {} from {} ({whose})", self.error.name(), self.by)
    }
}
