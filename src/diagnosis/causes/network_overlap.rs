//! The hub's address lies in a network of this machine's own, and is looked for there.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use super::CauseKind;
use crate::{
    diagnosis::{
        Code, Entry, Forgery, Location, Owner, Severity, attempt_context::AttemptContext, evidence::Statement,
        icmp::IcmpError, occurrence::Occurrence, scope::Scope, text::clipped, verdict::AttemptVerdict,
    },
    observation::{ConnectFailure, Neighbour, Outcome, RootSource, Stage, Way},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct NetworkOverlap {
    /// The interface of that network.
    #[serde(skip_serializing_if = "Option::is_none")]
    interface: Option<String>,
    /// That network.
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<String>,
}

impl CauseKind for NetworkOverlap {
    const ENTRY: Entry = Entry {
        word: "network-overlap",
        stage: Stage::Connect,
        severity: Severity::Error,
        owner: Owner::Operator,
        forgery: Forgery::Nobody,
        explanation: "The hub's address lies in a network that this machine has of its own: a container engine's bridge, a VPN, \
            a second interface. So it is looked for there, and its packets never leave for the gateway.",
        proof: "The route to the address leads into a network of this machine's own behind which no gateway stands, although \
            another network has one, and nobody there answers for it (ARP, neighbour discovery). A hub in a public cloud \
            cannot be there: that is `confirmed`. Any other might be there and be switched off: `likely`. On a tunnel, where \
            nobody is asked for, it is `possible`.",
    };

    fn title(&self, scope: &Scope) -> String {
        let (network, interface) = (self.network(), self.interface());
        format!("The address of {} lies in {network}, this machine's own network on {interface}", scope.host())
    }

    fn fix(&self, scope: &Scope) -> String {
        format!(
            "Give the network on {} another range (of a container engine: `bip` and `default-address-pools` in daemon.json), or \
             add a more specific route to the address of {}. If it belongs there after all, switch it on.",
            self.interface(),
            scope.host()
        )
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let address = context.address();
        let known = context.seen.vantage.network.as_ref()?;
        let overlap = known.overlap(address)?;
        // Whoever answers on another port is there.
        let same = context.seen.checks.iter().flat_map(|check| &check.attempts).filter(|one| one.address == address);
        if same.into_iter().any(|one| one.connect.outcome() == Outcome::Ok || is_answered(one.connect.failure())) {
            return None;
        }
        let asked_in_vain = match known.way_to(address)? {
            Way::Found { neighbour, .. } => *neighbour == Some(Neighbour::Failed),
            Way::NoRoute | Way::Refused { .. } => false,
        };
        let absent = match context.attempt.connect.failure()? {
            ConnectFailure::Icmp { icmp_type, code, from_this_machine: true, .. } => {
                IcmpError { icmp_type: *icmp_type, code: *code, v6: address.is_ipv6() }.is_a_dead_neighbour()
            }
            ConnectFailure::TimedOut { .. } | ConnectFailure::Unreachable => asked_in_vain,
            _ => return None,
        };
        let network = format!("{}/{}", overlap.own.network(), overlap.own.prefix);
        let interface = clipped(&overlap.interface.name);
        let seen = Seen { address, own: overlap.own.address, interface: interface.clone(), absent };
        let cause = Self { interface: Some(interface), network: Some(network.clone()) };
        // Its roots are built in where it is a service of a public cloud.
        let occurrence = match (absent, context.seen.hub.roots) {
            (true, Some(RootSource::BuiltIn)) => Occurrence::confirmed(cause),
            (true, _) => Occurrence::likely(cause),
            (false, _) => Occurrence::possible(cause, &[Code::SilentDrop]),
        };
        let occurrence = occurrence.evidence(seen).located(Some(Location::THIS_MACHINE));
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

/// Whether somebody else than this machine answered.
fn is_answered(failure: Option<&ConnectFailure>) -> bool {
    matches!(failure, Some(ConnectFailure::Refused { .. } | ConnectFailure::Icmp { from_this_machine: false, .. }))
}

#[derive(Debug, Clone, PartialEq)]
struct Seen {
    address: IpAddr,
    own: IpAddr,
    interface: String,
    absent: bool,
}

impl Statement for Seen {}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, own, interface, absent } = self;
        write!(f, "packets to {address} leave by {interface}, where this machine is {own}, and not for the gateway")?;
        if *absent { write!(f, "; nobody there answers for it (ARP, neighbour discovery)") } else { Ok(()) }
    }
}
