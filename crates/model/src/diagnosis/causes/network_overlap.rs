//! The hub's address lies in one of this machine's own networks, so it is looked for there.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Location, Owner, Severity, attempt_context::AttemptContext,
        attempt_verdict::AttemptVerdict, cause_kind::CauseKind, connect_answer::was_answered_remotely,
        evidence::Statement, icmp::IcmpError, occurrence::Occurrence, scope::Scope, text::clipped,
    },
    observation::{ConnectFailure, KernelRoute, LocalNetwork, Neighbour, Overlap, RootSource, Stage},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct NetworkOverlap {
    /// The interface of that network.
    #[serde(skip_serializing_if = "Option::is_none")]
    interface: Option<String>,
    /// That network.
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<String>,
    /// The gateway is in that network, too.
    #[serde(skip)]
    has_gateway: bool,
}

impl CauseKind for NetworkOverlap {
    const ENTRY: Entry = Entry {
        stage: Stage::Connect,
        severity: Severity::Error,
        owner: Owner::Operator,
        forgery: Forgery::Nobody,
        explanation: "The hub's address lies in a network that this machine has of its own: a container engine's bridge, \
            a VPN, a second interface, or the gateway's own where the hub is in a public cloud. So it is looked for \
            there, and its packets never leave for the gateway.",
        proof: "The route to the address leads into a network of this machine's own behind which no gateway stands, \
            although another network has one, and nobody there answers for it (ARP, neighbour discovery). A hub in a \
            public cloud cannot be there: that is `confirmed`. Any other might be there and be switched off: `likely`. \
            In the gateway's own network it is `likely`, and said of a hub in a public cloud alone: a private endpoint \
            might have been there. On a tunnel, where nobody is asked for, it is `possible`, and where somebody there \
            refuses the connection in place of such a hub.",
    };

    fn title(&self, scope: &Scope) -> String {
        let (network, interface) = (self.network(), self.interface());
        format!("The address of {} lies in {network}, this machine's own network on {interface}", scope.host())
    }

    fn fix(&self, scope: &Scope) -> String {
        if self.has_gateway {
            return format!(
                "Compare the address of {} with what it has elsewhere: a name server, the hosts file or `--address` may name a \
                 machine of this network. If it is right, {} is not all this machine's own network: correct its netmask on {}, \
                 give that network another range, or add a more specific route to the hub.",
                scope.host(),
                self.network(),
                self.interface()
            );
        }
        format!(
            "Give the network on {} another range (of a container engine: `bip` and `default-address-pools` in daemon.json), or \
             add a more specific route to the address of {}. If it belongs there after all, switch it on.",
            self.interface(),
            scope.host()
        )
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let address = context.address();
        let known = context.network()?;
        // A kind with built-in roots is a public cloud's service.
        let is_cloud_hub = context.observations.hub.roots == Some(RootSource::BuiltIn);
        let (overlap, has_gateway) = match known.overlap(address) {
            Some(overlap) => (overlap, false),
            None => (network_with_gateway(known, address).filter(|_| is_cloud_hub)?, true),
        };
        // An address that answers on another port is really there; for a cloud hub, only a connection proves it.
        let same =
            context.observations.checks.iter().flat_map(|check| &check.attempts).filter(|one| one.address == address);
        if same.into_iter().any(|one| one.connect.is_ok() || (!is_cloud_hub && was_answered_remotely(one))) {
            return None;
        }
        let neighbour_failed = match known.way_to(address)? {
            KernelRoute::Found { neighbour, .. } => *neighbour == Some(Neighbour::Failed),
            KernelRoute::NoRoute | KernelRoute::Refused { .. } => false,
        };
        let absent = match context.attempt.connect.failure()? {
            ConnectFailure::Icmp { icmp_type, code, from_this_machine: true, .. } => {
                IcmpError { icmp_type: *icmp_type, code: *code, v6: address.is_ipv6() }.is_dead_neighbour()
            }
            ConnectFailure::TimedOut { .. } | ConnectFailure::Unreachable => neighbour_failed,
            ConnectFailure::Refused { .. } if is_cloud_hub => false,
            _ => return None,
        };
        let network = format!("{}/{}", overlap.own.network(), overlap.own.prefix);
        let interface = clipped(&overlap.interface.name);
        let refused = was_answered_remotely(context.attempt);
        let observed = Observed { address, own: overlap.own.address, interface: interface.clone(), absent, refused };
        let cause = Self { interface: Some(interface), network: Some(network.clone()), has_gateway };
        let occurrence = match (absent, is_cloud_hub) {
            (true, true) if has_gateway => Occurrence::likelier_than(cause, Code::DnsHijack),
            (true, true) => Occurrence::confirmed(cause),
            (true, false) => Occurrence::likely(cause),
            (false, _) if refused => Occurrence::possible(cause, &[Code::DnsHijack, Code::PortClosed]),
            (false, _) => Occurrence::possible(cause, &[Code::SilentDrop]),
        };
        let occurrence = occurrence.evidence(observed).located(Some(Location::THIS_MACHINE));
        Some(AttemptVerdict::blocked(format!("looked for in this machine's own network {network}"), occurrence))
    }
}

impl NetworkOverlap {
    fn network(&self) -> &str {
        self.network.as_deref().unwrap_or("NETWORK")
    }

    fn interface(&self) -> &str {
        self.interface.as_deref().unwrap_or("INTERFACE")
    }
}

/// This machine's own network that contains the address, if the gateway is in it too.
fn network_with_gateway(known: &LocalNetwork, address: IpAddr) -> Option<Overlap<'_>> {
    known.own_network(address).filter(|_| known.leads_out(address.is_ipv6()))
}

#[derive(Debug, Clone, PartialEq)]
struct Observed {
    address: IpAddr,
    own: IpAddr,
    interface: String,
    absent: bool,
    refused: bool,
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, own, interface, absent, refused } = self;
        write!(f, "packets to {address} leave by {interface}, where this machine is {own}, and not for the gateway")?;
        match (absent, refused) {
            (true, _) => write!(f, "; nobody there answers for it (ARP, neighbour discovery)"),
            (false, true) => {
                write!(f, "; a machine there refuses the connection, and no hub of a public cloud can be there")
            }
            (false, false) => Ok(()),
        }
    }
}
