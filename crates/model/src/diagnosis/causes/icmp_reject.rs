//! An ICMP error answers the SYN.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Family, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        cause_kind::CauseKind,
        comparisons::Reference,
        connect_answer::OfTheAddress,
        evidence::Statement,
        icmp::{Blame, IcmpError},
        location,
        occurrence::Occurrence,
        remedy::Remedy,
        scope::Scope,
        text::spoken,
        verdict::AttemptVerdict,
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
    /// Who sent it, by its own account.
    offender: Option<IpAddr>,
    /// What the same device says over the other address family.
    #[serde(skip_serializing_if = "Option::is_none")]
    other_family: Option<OtherFamily>,
    #[serde(skip)]
    says: Says,
}

/// The error of the same device over the other address family.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct OtherFamily {
    icmp: String,
    icmp_type: u8,
    icmp_code: u8,
    offender: IpAddr,
}

/// What the error comes to.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Says {
    /// A rule forbids it.
    #[default]
    Forbidden,
    /// The hub's own address says so.
    ByTheHub,
    /// A route is missing, or the machine behind it is down.
    NoWay,
    /// A router looked for the machine on its own link, and nobody answered.
    Absent,
    /// No route leads there in as many hops as a packet may take.
    TooFar,
    /// This machine's own word for a next device that does not answer on the link.
    DeadNeighbour,
    /// The same, where the next device is the hub itself.
    DeadHub,
    /// Something said so, and the system does not tell who, nor in which words.
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
            that is `likely`. So is what a router says after a second or more: that long it looks for a machine on its own link.",
    };

    fn title(&self, scope: &Scope) -> String {
        let (icmp, sender) = (self.words(), self.sender());
        match self.says {
            Says::DeadNeighbour => format!(
                "The next device on the way to {}, usually the gateway, does not answer on the link",
                scope.host()
            ),
            Says::DeadHub => format!("{} does not answer on this machine's own network", scope.host()),
            Says::Absent => {
                format!("{} finds nobody at the address of {}: {icmp}", sender, scope.host())
            }
            Says::TooFar => {
                format!("Packets to {} come to no end: {} says {icmp}", scope.host(), sender)
            }
            Says::Unreachable => format!("Outbound {} reported as unreachable by something on the way", scope.tcp_is()),
            Says::Forbidden | Says::ByTheHub | Says::NoWay => {
                format!("Outbound {} rejected by {}: {icmp}", scope.tcp_is(), sender)
            }
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        let (host, tcp, sender) = (scope.host(), scope.tcp(), self.sender());
        match self.says {
            Says::Forbidden => {
                let at = scope.located().or_else(|| self.offender.map(|_| self.sender()));
                Remedy::open(scope, &at.map(|at| format!(" at {at}")).unwrap_or_default())
            }
            Says::ByTheHub => {
                format!("Offer {tcp} of {host}, and let this network in: the hub's own address rejects it.")
            }
            Says::NoWay => format!(
                "Find out why {} answers \"{}\" to {tcp} of {host}: a route is missing there, or the machine behind it is \
                 down.",
                sender,
                self.words()
            ),
            Says::Absent => format!(
                "See whether {host} is up, and whether that is still its address: {} is the last router before \
                 it, and looks for it in vain.",
                sender
            ),
            Says::TooFar => format!(
                "Ask whoever runs {} and the router before it to look at their routes to {host}: as a rule packets go round \
                 between two of them. A device on the way that lowers the TTL looks the same.",
                sender
            ),
            Says::DeadHub => format!(
                "Check that {host} is switched on and joined to this network, and that this is still its address. Between the \
                 clients of one radio network the access point may not pass packets on at all."
            ),
            Says::DeadNeighbour => {
                "Check the cable or radio link, and that the gateway of this machine is up and in the \
                same network."
                    .to_owned()
            }
            Says::Unreachable => format!(
                "Find out why {tcp} of {host} is unreachable from here: a route is missing, or a firewall rejects it."
            ),
        }
    }

    fn remedy(&self) -> Remedy {
        match self.says {
            Says::Forbidden => Remedy::Open,
            Says::ByTheHub
            | Says::NoWay
            | Says::Absent
            | Says::TooFar
            | Says::DeadNeighbour
            | Says::DeadHub
            | Says::Unreachable => Remedy::Own,
        }
    }

    fn device(&self) -> Option<IpAddr> {
        self.offender
    }

    fn is_alike_over_another_family(&self, other: &Self) -> bool {
        self.says == other.says && self.offender.is_some() && other.offender.is_some()
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
            // Routers say such things only so many times a second; the others of a burst get no answer.
            ConnectFailure::TimedOut { .. } => {
                let said = no_way(context)?;
                let verdict = rejected(context, said.error, Some(said.offender), Observed::Rationed { address, port });
                Some(verdict.explained(Occurrence::no_more_than_likely))
            }
            ConnectFailure::Icmp { icmp_type, code, offender, from_this_machine } => {
                let error = IcmpError { icmp_type: *icmp_type, code: *code, v6: address.is_ipv6() };
                match from_this_machine {
                    true if error.is_a_dead_neighbour() => Some(dead_neighbour(context, error)),
                    true => None,
                    false => {
                        let observed = Observed::Answered { address, port, offender: *offender, error };
                        Some(rejected(context, error, *offender, observed))
                    }
                }
            }
            ConnectFailure::Unreachable => {
                let took_ms = context.took_ms();
                let cause = IcmpReject { says: Says::Unreachable, ..Self::default() };
                let occurrence = Occurrence::possible(cause, &[Code::AddressFamilyUnavailable])
                    .owner(Owner::NetworkAdmin)
                    .evidence(Observed::Unreachable { address, port, took_ms });
                Some(AttemptVerdict::blocked("unreachable, as something on the way says", occurrence))
            }
            _ => None,
        }
    }
}

impl IcmpReject {
    /// The error in the RFCs' words; where ICMP and ICMPv6 have other words for it, in both.
    fn words(&self) -> String {
        let own = self.icmp.as_deref().unwrap_or("an ICMP error");
        match self.other_family.as_ref().filter(|other| other.icmp != own) {
            Some(other) => format!("{own} ({}: {})", Family::of(other.offender), other.icmp),
            None => own.to_owned(),
        }
    }

    /// Who sent it, by each of its addresses.
    fn sender(&self) -> String {
        let other = self.other_family.as_ref().map(|other| format!(" and {}", other.offender)).unwrap_or_default();
        sender(self.offender) + &other
    }
}

/// What a router said of the address as a whole, to whichever attempt, where no port of it answers.
pub(super) fn no_way(context: AttemptContext<'_>) -> Option<OfTheAddress> {
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
    let looked_for = looked_for_ms(context, error);
    let says = match error.blame() {
        _ if offender == Some(context.address()) => Says::ByTheHub,
        Blame::Policy | Blame::Port => Says::Forbidden,
        Blame::Routing if error.is_time_exceeded() => Says::TooFar,
        Blame::Routing if looked_for.is_some() => Says::Absent,
        Blame::Routing => Says::NoWay,
    };
    let cause = IcmpReject { offender, ..of(error, says) };
    let occurrence = match says {
        Says::Absent => Occurrence::likelier_than(cause, Code::DnsHijack),
        _ if offender.is_some() => Occurrence::confirmed(cause),
        _ => Occurrence::likely(cause),
    };
    let occurrence = occurrence.evidence(evidence);
    let occurrence = match says {
        // A firewall without an address of its own sends it in the name of whom it protects.
        Says::ByTheHub => occurrence
            .owner(Owner::HubOwner)
            .forgeable_by(Forgery::AnyoneOnPath)
            .evidence("the sender is the hub's own address"),
        Says::Absent => {
            occurrence.owner(Owner::HubOwner).evidence(Observed::LookedFor { for_ms: looked_for.unwrap_or_default() })
        }
        Says::TooFar => occurrence.owner(Owner::NetworkAdmin).no_more_than_likely(),
        Says::NoWay => occurrence.owner(Owner::NetworkAdmin),
        Says::Forbidden | Says::DeadNeighbour | Says::DeadHub | Says::Unreachable => occurrence,
    };
    let location =
        context.shown::<kind::Path>().zip(offender).and_then(|(path, offender)| location::sender(path, offender));
    let hop = location.as_ref().map(|location| format!(" (hop {})", location.hop)).unwrap_or_default();
    let summary = format!("rejected by {}{hop}: {}", sender(offender), error.name());
    AttemptVerdict::blocked(summary, occurrence.located(location))
}

/// So long a router looks for a machine on its own link before it gives up: it asks anew each second (RFC 4861, section 7.2.2;
/// RFC 1122, section 2.3.2.1). A missing route is told at once.
const LOOKED_FOR_MS: f64 = 900.0;

/// How long the last router before the address looked for it in vain, in milliseconds.
pub(super) fn looked_for_ms(context: AttemptContext<'_>, error: IcmpError) -> Option<f64> {
    let said = no_way(context).filter(|said| said.error == error && error.is_a_dead_neighbour())?;
    (said.after_ms >= LOOKED_FOR_MS).then_some(said.after_ms)
}

/// How a system reports to itself that nobody answered its ARP or neighbour discovery.
fn dead_neighbour(context: AttemptContext<'_>, error: IcmpError) -> AttemptVerdict {
    let (address, port) = (context.address(), context.port());
    let (summary, occurrence) =
        match context.observations.vantage.network.as_ref().is_some_and(|own| is_on_link(own, address)) {
            true => (
                "the hub does not answer on this machine's own network",
                // Or its network is elsewhere, and only the netmask of this machine says that it is here.
                Occurrence::possible(of(error, Says::DeadHub), &[Code::NetworkOverlap]).owner(Owner::HubOwner),
            ),
            false => (
                "the next device on the link does not answer",
                Occurrence::confirmed(of(error, Says::DeadNeighbour)).owner(Owner::NetworkAdmin),
            ),
        };
    let occurrence = occurrence
        .forgeable_by(Forgery::Nobody)
        .evidence(Observed::FromThisMachine { address, port, error })
        .evidence("that is how a system reports that nobody answered its ARP or neighbour discovery");
    AttemptVerdict::blocked(summary, occurrence)
}

/// Whether the next device on the way to an address is who has it. A tunnel has no gateway either, and leads anywhere.
fn is_on_link(network: &LocalNetwork, address: IpAddr) -> bool {
    let Some(KernelRoute::Found { gateway: None, interface: Some(name), .. }) = network.way_to(address) else {
        return false;
    };
    network.interface(name).is_some_and(|interface| interface.addresses.iter().any(|own| own.holds(address)))
}

fn of(error: IcmpError, says: Says) -> IcmpReject {
    let (icmp_type, icmp_code) = (Some(error.icmp_type), Some(error.code));
    IcmpReject { icmp: Some(error.name()), icmp_type, icmp_code, says, ..IcmpReject::default() }
}

fn sender(offender: Option<IpAddr>) -> String {
    offender.map_or_else(|| "a router on the path".to_owned(), |offender| offender.to_string())
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    Answered { address: IpAddr, port: u16, offender: Option<IpAddr>, error: IcmpError },
    FromThisMachine { address: IpAddr, port: u16, error: IcmpError },
    LookedFor { for_ms: f64 },
    Rationed { address: IpAddr, port: u16 },
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
            Self::LookedFor { for_ms } => write!(
                f,
                "it took {} to say so: so long a router looks for a machine on its own link, and a missing route is told at once",
                spoken(*for_ms)
            ),
            Self::Rationed { address, port } => {
                write!(f, "SYNs to {address} port {port} got no answer at all, as when such errors are rationed")
            }
            Self::Unreachable { address, port, took_ms } => write!(
                f,
                "connecting to {address} port {port} failed as unreachable after {}: something on the way must have said \
                 so, and this system does not tell who",
                spoken(*took_ms)
            ),
        }
    }
}
