//! An ICMP error answers the SYN.

mod observed;

use std::net::IpAddr;

use observed::Observed;
use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Family, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_verdict::AttemptVerdict,
        cause_kind::CauseKind,
        comparisons::Reference,
        connect_answer::AddressUnreachable,
        icmp::{Blame, IcmpError},
        location,
        occurrence::Occurrence,
        remedy::Remedy,
        scope::Scope,
    },
    observation::{ConnectFailure, KernelRoute, LocalNetwork, Stage, kind},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct IcmpReject {
    /// The error in the RFC's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    icmp: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icmp_type: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icmp_code: Option<u8>,
    /// Its sender, by the packet's source address.
    offender: Option<IpAddr>,
    /// The error of the same device over the other address family.
    #[serde(skip_serializing_if = "Option::is_none")]
    other_family: Option<OtherFamily>,
    #[serde(skip)]
    reason: RejectReason,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct OtherFamily {
    icmp: String,
    icmp_type: u8,
    icmp_code: u8,
    offender: IpAddr,
}

/// What the error means.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum RejectReason {
    /// A rule forbids it.
    #[default]
    Forbidden,
    /// The sender is the hub's own address.
    ByHub,
    /// A route is missing, or the machine behind it is down.
    NoRoute,
    /// A router looked for the machine on its own link and got no answer.
    HostNotFound,
    /// The packet exceeded its hop limit before it arrived.
    HopLimitExceeded,
    /// This machine's own error: the next device does not answer on the link.
    DeadNeighbour,
    /// The same, and the next device is the hub itself.
    DeadHub,
    /// The system reports it without sender or ICMP code.
    Unreachable,
}

impl CauseKind for IcmpReject {
    const ENTRY: Entry = Entry {
        stage: Stage::Connect,
        severity: Severity::Error,
        owner: Owner::FirewallOwner,
        forgery: Forgery::OnlyTheAccused,
        explanation: "A router answered the connection attempt with an ICMP error. Prohibitions (codes 9, 10, 13) and a \
            router that calls the port unreachable are a firewall's policy; where the hub's own address says so, it is the hub's. \
            An unreachable network or host is a fault of routing, or a machine that is down, and an exceeded time a loop. Where \
            the sender is this machine, the next device on the link does not answer.",
        proof: "The ICMP error itself, with its sender, from the socket's error queue. The hop is named where the sender also \
            answered as a router. A router that calls the whole host or network unreachable says so of every port, though not \
            to every packet: routers send a few ICMP errors a second. In the hub's own name anybody on the path can send one: \
            that is `likely`. So is what a router says after a second or more: that long it looks for a machine on its own link. \
            Without its sender it is `possible`.",
    };

    fn title(&self, scope: &Scope) -> String {
        let (icmp, sender) = (self.error_names(), self.sender());
        match self.reason {
            RejectReason::DeadNeighbour => format!(
                "The next device on the way to {}, usually the gateway, does not answer on the link",
                scope.host()
            ),
            RejectReason::DeadHub => format!("{} does not answer on this machine's own network", scope.host()),
            RejectReason::HostNotFound => {
                format!("{} finds nobody at the address of {}: {icmp}", sender, scope.host())
            }
            RejectReason::HopLimitExceeded => {
                format!("Packets to {} come to no end: {} says {icmp}", scope.host(), sender)
            }
            RejectReason::Unreachable => {
                format!("Outbound {} reported as unreachable by something on the way", scope.tcp_is())
            }
            RejectReason::Forbidden | RejectReason::ByHub | RejectReason::NoRoute => {
                format!("Outbound {} rejected by {}: {icmp}", scope.tcp_is(), sender)
            }
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        let (host, tcp, sender) = (scope.host(), scope.tcp(), self.sender());
        match self.reason {
            RejectReason::Forbidden => {
                let at = scope.location_text().or_else(|| self.offender.map(|_| self.sender()));
                Remedy::open(scope, &at.map(|at| format!(" at {at}")).unwrap_or_default())
            }
            RejectReason::ByHub => {
                format!("Offer {tcp} of {host}, and let this network in: {}'s own address rejects it.", scope.peer())
            }
            RejectReason::NoRoute => format!(
                "Find out why {} answers \"{}\" to {tcp} of {host}: a route is missing there, or the machine behind it is \
                 down.",
                sender,
                self.error_names()
            ),
            RejectReason::HostNotFound => format!(
                "See whether {host} is up, and whether that is still its address: {} is the last router before \
                 it, and looks for it in vain.",
                sender
            ),
            RejectReason::HopLimitExceeded => format!(
                "Ask whoever runs {} and the router before it to look at their routes to {host}: as a rule packets go round \
                 between two of them. A device on the way that lowers the TTL looks the same.",
                sender
            ),
            RejectReason::DeadHub => format!(
                "Check that {host} is switched on and joined to this network, and that this is still its address. Between the \
                 clients of one radio network the access point may not pass packets on at all."
            ),
            RejectReason::DeadNeighbour => {
                "Check the cable or radio link, and that the gateway of this machine is up and in the \
                same network."
                    .to_owned()
            }
            RejectReason::Unreachable => format!(
                "Find out why {tcp} of {host} is unreachable from here: a route is missing, or a firewall rejects it."
            ),
        }
    }

    fn remedy(&self) -> Remedy {
        match self.reason {
            RejectReason::Forbidden => Remedy::Open,
            RejectReason::ByHub
            | RejectReason::NoRoute
            | RejectReason::HostNotFound
            | RejectReason::HopLimitExceeded
            | RejectReason::DeadNeighbour
            | RejectReason::DeadHub
            | RejectReason::Unreachable => Remedy::Own,
        }
    }

    fn device(&self) -> Option<IpAddr> {
        self.offender
    }

    fn is_same_over_other_family(&self, other: &Self) -> bool {
        self.reason == other.reason && self.offender.is_some() && other.offender.is_some()
    }

    fn merge(&mut self, other: &Self) {
        if self.offender == other.offender || self.other_family.is_some() {
            return;
        }
        if let IcmpReject {
            icmp: Some(icmp),
            icmp_type: Some(icmp_type),
            icmp_code: Some(icmp_code),
            offender: Some(offender),
            ..
        } = other.clone()
        {
            self.other_family = Some(OtherFamily { icmp, icmp_type, icmp_code, offender });
        }
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let (address, port) = (context.address(), context.port());
        match context.attempt.connect.failure()? {
            // Routers rate-limit ICMP errors; most packets of a burst get no answer.
            ConnectFailure::TimedOut { .. } => {
                let router_error = address_unreachable(context)?;
                let verdict = rejected(
                    context,
                    router_error.error,
                    Some(router_error.offender),
                    Observed::RateLimited { address, port },
                );
                Some(verdict.map_causes(Occurrence::at_most_likely))
            }
            ConnectFailure::Icmp { icmp_type, code, offender, from_this_machine } => {
                let error = IcmpError { icmp_type: *icmp_type, code: *code, v6: address.is_ipv6() };
                match from_this_machine {
                    true if error.is_dead_neighbour() => Some(dead_neighbour(context, error)),
                    true => None,
                    false => {
                        let observed = Observed::Answered { address, port, offender: *offender, error };
                        Some(rejected(context, error, *offender, observed))
                    }
                }
            }
            ConnectFailure::Unreachable => {
                let took_ms = context.took_ms();
                let cause = |reason| IcmpReject { reason, ..Self::default() };
                let occurrence = match context.reference() {
                    // No route is missing where other ports of the address answer.
                    Reference::Answers(_) => {
                        Occurrence::possible(cause(RejectReason::Forbidden), &[Code::LocalBlock, Code::PortClosed])
                    }
                    Reference::NoneAnswered | Reference::NoneTried => {
                        let others = [Code::AddressFamilyUnavailable];
                        Occurrence::possible(cause(RejectReason::Unreachable), &others).owner(Owner::NetworkAdmin)
                    }
                };
                let occurrence = occurrence.evidence(Observed::Unreachable { address, port, took_ms });
                Some(AttemptVerdict::blocked("unreachable, as something on the way says", occurrence))
            }
            _ => None,
        }
    }
}

impl IcmpReject {
    /// The RFC's name of the error; both names if ICMP and ICMPv6 differ.
    fn error_names(&self) -> String {
        let own = self.icmp.as_deref().unwrap_or("an ICMP error");
        match self.other_family.as_ref().filter(|other| other.icmp != own) {
            Some(other) => format!("{own} ({}: {})", Family::of(other.offender), other.icmp),
            None => own.to_owned(),
        }
    }

    /// The sender's addresses in both families.
    fn sender(&self) -> String {
        let other = self.other_family.as_ref().map(|other| format!(" and {}", other.offender)).unwrap_or_default();
        sender(self.offender) + &other
    }
}

/// The first error of a router about the address as a whole, from any attempt, if no port of it answers.
pub(super) fn address_unreachable(context: AttemptContext<'_>) -> Option<AddressUnreachable> {
    if matches!(context.reference(), Reference::Answers(_)) {
        return None;
    }
    context.comparisons.unreachable(context.address())
}

fn rejected(
    context: AttemptContext<'_>,
    error: IcmpError,
    offender: Option<IpAddr>,
    evidence: Observed,
) -> AttemptVerdict {
    let searched_ms = neighbour_search_ms(context, error);
    let reason = match error.blame() {
        _ if offender == Some(context.address()) => RejectReason::ByHub,
        Blame::Policy | Blame::Port => RejectReason::Forbidden,
        Blame::Routing if error.is_time_exceeded() => RejectReason::HopLimitExceeded,
        Blame::Routing if searched_ms.is_some() => RejectReason::HostNotFound,
        Blame::Routing => RejectReason::NoRoute,
    };
    let cause = IcmpReject { offender, ..of(error, reason) };
    let occurrence = match reason {
        RejectReason::HostNotFound => Occurrence::likelier_than(cause, Code::DnsHijack),
        _ if offender.is_some() => Occurrence::confirmed(cause),
        // The hub itself, or this machine, may have sent it.
        RejectReason::Forbidden => Occurrence::possible(cause, &[Code::LocalBlock, Code::PortClosed]),
        _ => Occurrence::possible(cause, &[Code::NoNetwork, Code::NetworkOverlap]),
    };
    let occurrence = occurrence.evidence(evidence);
    let occurrence = match reason {
        // A firewall without an address of its own uses the address of the machine that it protects.
        RejectReason::ByHub => occurrence
            .owner(Owner::HubOwner)
            .forgeable_by(Forgery::AnyoneOnPath)
            .evidence("the sender is the hub's own address"),
        RejectReason::HostNotFound => occurrence
            .owner(Owner::HubOwner)
            .evidence(Observed::NeighbourSearch { for_ms: searched_ms.unwrap_or_default() }),
        RejectReason::HopLimitExceeded => occurrence.owner(Owner::NetworkAdmin).at_most_likely(),
        RejectReason::NoRoute => occurrence.owner(Owner::NetworkAdmin),
        RejectReason::Forbidden | RejectReason::DeadNeighbour | RejectReason::DeadHub | RejectReason::Unreachable => {
            occurrence
        }
    };
    // A rule on the path is one wherever the address leads.
    let may_be_anothers = reason != RejectReason::Forbidden && context.has_unknown_origin();
    let occurrence = occurrence.or_possibly_if(may_be_anothers, Code::DnsHijack);
    let location = context
        .first_result::<kind::Path>()
        .zip(offender)
        .and_then(|(path, offender)| location::sender(path, offender));
    let hop = location.as_ref().map(|location| format!(" (hop {})", location.hop)).unwrap_or_default();
    let summary = format!("rejected by {}{hop}: {}", sender(offender), error.name());
    AttemptVerdict::blocked(summary, occurrence.located(location))
}

/// A router looks for a machine on its own link this long before it gives up: it repeats its query each second (RFC
/// 4861, section 7.2.2; RFC 1122, section 2.3.2.1). It reports a missing route at once.
const NEIGHBOUR_SEARCH_MS: f64 = 900.0;

/// How long the last router before the address looked for it without success, in milliseconds.
pub(super) fn neighbour_search_ms(context: AttemptContext<'_>, error: IcmpError) -> Option<f64> {
    let router_error =
        address_unreachable(context).filter(|router_error| router_error.error == error && error.is_dead_neighbour())?;
    (router_error.after_ms >= NEIGHBOUR_SEARCH_MS).then_some(router_error.after_ms)
}

/// A system reports this error to itself if no one answers its ARP or neighbour discovery.
fn dead_neighbour(context: AttemptContext<'_>, error: IcmpError) -> AttemptVerdict {
    let (address, port) = (context.address(), context.port());
    let (summary, occurrence) =
        match context.observations.vantage.network.as_ref().is_some_and(|own| is_on_link(own, address)) {
            true => (
                "the hub does not answer on this machine's own network",
                // Or the hub's network is elsewhere, and only this machine's netmask says that it is here.
                Occurrence::possible(of(error, RejectReason::DeadHub), &[Code::NetworkOverlap]).owner(Owner::HubOwner),
            ),
            // The next device may be the gateway, or the hub, where it was taken for a neighbour.
            false if context.has_unknown_interface() => (
                "the next device on the link does not answer",
                Occurrence::possible(of(error, RejectReason::DeadNeighbour), &[Code::NoNetwork, Code::NetworkOverlap])
                    .owner(Owner::NetworkAdmin),
            ),
            false => (
                "the next device on the link does not answer",
                Occurrence::confirmed(of(error, RejectReason::DeadNeighbour)).owner(Owner::NetworkAdmin),
            ),
        };
    let occurrence = occurrence
        .forgeable_by(Forgery::Nobody)
        .evidence(Observed::FromThisMachine { address, port, error })
        .evidence("that is how a system reports that nobody answered its ARP or neighbour discovery");
    AttemptVerdict::blocked(summary, occurrence)
}

/// Whether the next device on the path to an address has that address. A tunnel has no gateway either, but leads
/// anywhere.
fn is_on_link(network: &LocalNetwork, address: IpAddr) -> bool {
    let Some(KernelRoute::Found { gateway: None, interface: Some(name), .. }) = network.way_to(address) else {
        return false;
    };
    network.interface(name).is_some_and(|interface| interface.addresses.iter().any(|own| own.holds(address)))
}

fn of(error: IcmpError, reason: RejectReason) -> IcmpReject {
    let (icmp_type, icmp_code) = (Some(error.icmp_type), Some(error.code));
    IcmpReject { icmp: Some(error.name()), icmp_type, icmp_code, reason, ..IcmpReject::default() }
}

fn sender(offender: Option<IpAddr>) -> String {
    offender.map_or_else(|| "a router on the path".to_owned(), |offender| offender.to_string())
}
