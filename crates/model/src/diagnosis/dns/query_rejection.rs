//! Queries that an ICMP error answers: its sender decides who is responsible.

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

/// The sender of the ICMP error, and the error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::diagnosis) struct QueryRejection {
    pub(in crate::diagnosis) sender_address: IpAddr,
    pub(in crate::diagnosis) error: IcmpError,
    sender: Sender,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sender {
    /// This machine, by a rule or because a neighbour does not answer.
    ThisMachine,
    /// The name server's own address.
    Server,
    /// A router on the path to it.
    Router,
}

impl QueryRejection {
    pub(super) fn of(server: SocketAddr, icmp: Rejection) -> Option<Self> {
        let sender_address = icmp.offender?;
        let sender = match () {
            () if icmp.from_this_machine => Sender::ThisMachine,
            () if sender_address == server.ip() => Sender::Server,
            () => Sender::Router,
        };
        let error = IcmpError { icmp_type: icmp.icmp_type, code: icmp.code, v6: server.is_ipv6() };
        Some(Self { sender_address, error, sender })
    }

    /// Whether the server's own address sent it: its machine is up, and does not serve names, or not to this network.
    pub(in crate::diagnosis) fn is_from_server(self) -> bool {
        self.sender == Sender::Server
    }

    /// Whether a rule on the path rejects it, rather than a missing route.
    pub(in crate::diagnosis) fn is_by_policy(self) -> bool {
        self.sender == Sender::Router && self.error.blame() != Blame::Routing
    }

    /// Who is responsible. A router's rule is not the name server's fault.
    pub(in crate::diagnosis) fn owner(self) -> Owner {
        match (self.sender, self.error.blame()) {
            (Sender::ThisMachine, Blame::Policy | Blame::Port) => Owner::Operator,
            (Sender::Server, _) => Owner::DnsAdmin,
            (Sender::Router, Blame::Policy | Blame::Port) => Owner::FirewallOwner,
            (Sender::ThisMachine | Sender::Router, Blame::Routing) => Owner::NetworkAdmin,
        }
    }

    /// The location, if the sender is the first router on the path to a name server.
    pub(in crate::diagnosis) fn location(self, run: &Observations) -> Option<Location> {
        let mut routes = run.vantage.network.iter().flat_map(|own| &own.resolvers).map(|server| &server.way);
        let is_first = routes
            .any(|way| matches!(way, KernelRoute::Found { gateway, .. } if *gateway == Some(self.sender_address)));
        let at = Location { hop: 1, address: Some(self.sender_address), next: None, of: None };
        (self.sender == Sender::Router && is_first).then_some(at)
    }
}

impl fmt::Display for QueryRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let faulty_certificate = match self.sender {
            Sender::ThisMachine => "this machine's own address",
            Sender::Server => "the server's own address",
            Sender::Router => "a router's",
        };
        write!(f, "ICMP {} from {} ({faulty_certificate})", self.error.name(), self.sender_address)
    }
}
