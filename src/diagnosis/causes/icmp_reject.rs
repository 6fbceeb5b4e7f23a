//! An ICMP error answers the SYN.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use super::CauseKind;
use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::{AttemptContext, Reference},
        evidence::Statement,
        icmp::{Blame, IcmpError},
        occurrence::Occurrence,
        place,
        remedy::Remedy,
        scope::Scope,
        text::spoken,
        verdict::AttemptVerdict,
    },
    observation::{Attempt, ConnectFailure, Stage, kind},
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
    #[serde(skip)]
    says: Says,
}

/// What the error comes to.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Says {
    /// A rule forbids it.
    #[default]
    Forbidden,
    /// The hub's own address says that the port is closed.
    ClosedByTheHub,
    /// A route is missing, or the machine behind it is down.
    NoWay,
    /// This machine's own word for a next device that does not answer on the link.
    DeadNeighbour,
    /// Something said so, and the system does not tell who, nor in which words.
    Unreachable,
}

impl CauseKind for IcmpReject {
    const ENTRY: Entry = Entry {
        word: "icmp-reject",
        stage: Stage::Connect,
        severity: Severity::Error,
        owner: Owner::FirewallOwner,
        forgery: Forgery::OnlyTheAccused,
        explanation: "A router answered the connection attempt with an ICMP error. Prohibitions (codes 9, 10, 13) and a \
            router that calls the port unreachable are a firewall's policy; an unreachable network or host is a fault of \
            routing, or a machine that is down. Where the sender is this machine, the next device on the link does not answer.",
        proof: "The ICMP error itself, with its sender, from the socket's error queue. The hop is named where the sender also \
            answered as a router. A router that calls the whole host or network unreachable says so of every port, though not \
            to every packet: routers send a few ICMP errors a second. In the hub's own name anybody on the path can send one: \
            that is `likely`.",
    };

    fn title(&self, scope: &Scope) -> String {
        let icmp = self.icmp.as_deref().unwrap_or("an ICMP error");
        match self.says {
            Says::DeadNeighbour => format!(
                "The next device on the way to {}, usually the gateway, does not answer on the link",
                scope.host()
            ),
            Says::Unreachable => format!("Outbound {} reported as unreachable by something on the way", scope.tcp_is()),
            Says::Forbidden | Says::ClosedByTheHub | Says::NoWay => {
                format!("Outbound {} rejected by {}: {icmp}", scope.tcp_is(), sender(self.offender))
            }
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        let (host, tcp) = (scope.host(), scope.tcp());
        match self.says {
            Says::Forbidden => {
                let at = scope.place().or_else(|| self.offender.map(|offender| offender.to_string()));
                Remedy::open(scope, &at.map(|at| format!(" at {at}")).unwrap_or_default())
            }
            Says::ClosedByTheHub => format!("Let {host} offer {tcp}: its own address rejects it."),
            Says::NoWay => format!(
                "Find out why {} answers \"{}\" to {tcp} of {host}: a route is missing there, or the machine behind it is \
                 down.",
                sender(self.offender),
                self.icmp.as_deref().unwrap_or("unreachable")
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
            Says::ClosedByTheHub | Says::NoWay | Says::DeadNeighbour | Says::Unreachable => Remedy::Own,
        }
    }

    fn device(&self) -> Option<IpAddr> {
        self.offender
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let (address, port) = (context.address(), context.port());
        match context.attempt.connect.failure()? {
            // Routers say such things only so many times a second; the others of a burst get no answer.
            ConnectFailure::TimedOut { .. } => {
                let (error, offender) = no_way(context)?;
                let verdict = rejected(context, error, Some(offender), Seen::Rationed { address, port });
                Some(verdict.explained(Occurrence::no_more_than_likely))
            }
            ConnectFailure::Icmp { icmp_type, code, offender, from_this_machine } => {
                let error = IcmpError { icmp_type: *icmp_type, code: *code, v6: address.is_ipv6() };
                match from_this_machine {
                    true if error.is_a_dead_neighbour() => Some(dead_neighbour(context, error)),
                    true => None,
                    false => {
                        let seen = Seen::Answered { address, port, offender: *offender, error };
                        Some(rejected(context, error, *offender, seen))
                    }
                }
            }
            ConnectFailure::Unreachable => {
                let took_ms = context.took_ms();
                let cause = IcmpReject { says: Says::Unreachable, ..Self::default() };
                let occurrence = Occurrence::possible(cause, &[Code::AddressFamilyUnavailable])
                    .owner(Owner::NetworkAdmin)
                    .evidence(Seen::Unreachable { address, port, took_ms });
                Some(AttemptVerdict::blocked("unreachable, as something on the way says", occurrence))
            }
            _ => None,
        }
    }
}

/// What a router said of another port of the same address, where it spoke of the address as a whole and no port of it answers.
fn no_way(context: AttemptContext<'_>) -> Option<(IcmpError, IpAddr)> {
    if context.reference() != Reference::NoneAnswers {
        return None;
    }
    context.comparisons.unreachable(context.address())
}

/// What a router said of the address of an attempt as a whole.
pub(in crate::diagnosis) fn of_the_whole_address(attempt: &Attempt) -> Option<(IcmpError, IpAddr)> {
    match *attempt.connect.failure()? {
        ConnectFailure::Icmp { icmp_type, code, offender: Some(offender), from_this_machine: false } => {
            let error = IcmpError { icmp_type, code, v6: attempt.address.is_ipv6() };
            error.is_of_the_whole_address().then_some((error, offender))
        }
        _ => None,
    }
}

fn rejected(context: AttemptContext<'_>, error: IcmpError, offender: Option<IpAddr>, seen: Seen) -> AttemptVerdict {
    let by_the_hub = offender == Some(context.address());
    let says = match error.blame() {
        Blame::Policy => Says::Forbidden,
        Blame::Port if by_the_hub => Says::ClosedByTheHub,
        Blame::Port => Says::Forbidden,
        Blame::Routing => Says::NoWay,
    };
    let cause = IcmpReject { offender, ..of(error, says) };
    let occurrence = if offender.is_some() { Occurrence::confirmed(cause) } else { Occurrence::likely(cause) };
    let occurrence = occurrence.evidence(seen);
    let occurrence = match says {
        // A firewall without an address of its own sends it in the name of whom it protects.
        Says::ClosedByTheHub => occurrence
            .owner(Owner::HubOwner)
            .forgeable_by(Forgery::AnyoneOnPath)
            .evidence("the sender is the hub's own address"),
        Says::NoWay => occurrence.owner(Owner::NetworkAdmin),
        Says::Forbidden | Says::DeadNeighbour | Says::Unreachable => occurrence,
    };
    let location =
        context.shown::<kind::Path>().zip(offender).and_then(|(path, offender)| place::sender(path, offender));
    let hop = location.as_ref().map(|location| format!(" (hop {})", location.hop)).unwrap_or_default();
    let summary = format!("rejected by {}{hop}: {}", sender(offender), error.name());
    AttemptVerdict::blocked(summary, occurrence.located(location))
}

/// How a system reports to itself that nobody answered its ARP or neighbour discovery.
fn dead_neighbour(context: AttemptContext<'_>, error: IcmpError) -> AttemptVerdict {
    let (address, port) = (context.address(), context.port());
    let occurrence = Occurrence::confirmed(of(error, Says::DeadNeighbour))
        .owner(Owner::NetworkAdmin)
        .forgeable_by(Forgery::Nobody)
        .evidence(Seen::FromThisMachine { address, port, error })
        .evidence("that is how a system reports that nobody answered its ARP or neighbour discovery");
    AttemptVerdict::blocked("the next device on the link does not answer", occurrence)
}

fn of(error: IcmpError, says: Says) -> IcmpReject {
    let (icmp_type, icmp_code) = (Some(error.icmp_type), Some(error.code));
    IcmpReject { icmp: Some(error.name()), icmp_type, icmp_code, offender: None, says }
}

fn sender(offender: Option<IpAddr>) -> String {
    offender.map_or_else(|| "a router on the path".to_owned(), |offender| offender.to_string())
}

#[derive(Debug, Clone, PartialEq)]
enum Seen {
    Answered { address: IpAddr, port: u16, offender: Option<IpAddr>, error: IcmpError },
    FromThisMachine { address: IpAddr, port: u16, error: IcmpError },
    Rationed { address: IpAddr, port: u16 },
    Unreachable { address: IpAddr, port: u16, took_ms: f64 },
}

impl Statement for Seen {}

impl fmt::Display for Seen {
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
