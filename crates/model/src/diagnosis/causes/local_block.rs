//! This machine itself stops the connection.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Location, Owner, Severity, attempt_context::AttemptContext,
        attempt_verdict::AttemptVerdict, cause_kind::CauseKind, dns::is_not_a_host, evidence::Statement,
        icmp::IcmpError, location, occurrence::Occurrence, scope::Scope, system::System, text::clipped,
        unanswered_syns::UnansweredSyns,
    },
    observation::{ConnectFailure, LocalRound, Stage, kind},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct LocalBlock {
    /// How it is stopped: the system's error text, or ours.
    errno: Option<String>,
    #[serde(skip)]
    blocker: Blocker,
    #[serde(skip)]
    system: System,
}

/// What stops it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Blocker {
    /// A rule of any kind.
    #[default]
    Rule,
    /// A route or routing rule that makes the address unreachable.
    Routing,
    /// The address itself, which no host can have.
    Address,
}

impl CauseKind for LocalBlock {
    const ENTRY: Entry = Entry {
        stage: Stage::Connect,
        severity: Severity::Error,
        owner: Owner::Operator,
        forgery: Forgery::Nobody,
        explanation: "The connection never left this machine: its own firewall, routing policy or sandbox refused it, as \
            the kill switch of a VPN does while that is down.",
        proof: "The system refuses at once, or rejects it by an ICMP error from this machine's own address; where it \
            says that there is no route, it has a default route of that family, which leads to every address. Of a rule \
            that drops without a word, the Linux kernel's counters tell: all of several SYNs that were to be sent once \
            more failed inside this machine, twice, and no router answered any.",
    };

    fn title(&self, scope: &Scope) -> String {
        let how = self.errno.as_deref().unwrap_or("the system's error");
        format!("This machine itself stops {}: {how}", scope.tcp())
    }

    fn fix(&self, scope: &Scope) -> String {
        match self.blocker {
            Blocker::Rule => format!("Allow outbound {} on this machine ({}).", scope.tcp(), self.system.firewalls()),
            Blocker::Routing => format!(
                "Look at the routing of this machine ({}): an `unreachable` route or rule \
                 keeps packets from {}, as the kill switch of a VPN sets while that is down, or its default route is for other \
                 packets alone.",
                self.system.routes(),
                scope.host()
            ),
            Blocker::Address => format!(
                "Correct the address of {}: no host can be reached at it (multicast, broadcast, or link-local without a link).",
                scope.host()
            ),
        }
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let (address, port, system) = (context.address(), context.port(), System::of(context.observations));
        match context.attempt.connect.failure()? {
            ConnectFailure::TimedOut { retransmits } => {
                let KernelVerdict::Drops(round) = kernel_verdict(context) else { return None };
                let occurrence = stopped_by_rule(system, "its own firewall drops what it sends".to_owned())
                    .evidence(UnansweredSyns::of(context, *retransmits))
                    .evidence(Observed::Counted {
                        port: round.port,
                        retransmitted: round.retransmitted,
                        failed: round.retransmissions_failed,
                    });
                Some(AttemptVerdict::blocked("dropped by this machine itself", occurrence))
            }
            ConnectFailure::Icmp { icmp_type, code, from_this_machine: true, .. } => {
                let error = IcmpError { icmp_type: *icmp_type, code: *code, v6: address.is_ipv6() };
                let occurrence = stopped_by_rule(system, format!("ICMP {}, from its own address", error.name()))
                    .evidence(Observed::Rejected { address, port, error });
                Some(AttemptVerdict::blocked("rejected by this machine's own firewall", occurrence))
            }
            ConnectFailure::NoRoute | ConnectFailure::Local { .. } if is_not_a_host(address) => {
                let occurrence = blocked_by(system, Blocker::Address, "no host can have the address".to_owned())
                    .or_possibly_if(context.has_unknown_origin(), Code::DnsFiltered);
                let summary = format!("{address} is no host's address");
                Some(AttemptVerdict::blocked(summary, occurrence.evidence(Observed::NotAHost { address })))
            }
            ConnectFailure::NoRoute if refuses_locally(context) => {
                let occurrence = blocked_by(system, Blocker::Routing, "its own routing refuses the address".to_owned());
                let summary = "refused by this machine's own routing";
                Some(AttemptVerdict::blocked(summary, occurrence.evidence(Observed::Unreachable { address })))
            }
            ConnectFailure::Local { errno } => {
                let errno = clipped(errno);
                let occurrence = stopped_by_rule(system, errno.clone()).evidence(Observed::LocalError {
                    address,
                    port,
                    errno: errno.clone(),
                });
                Some(AttemptVerdict::blocked(format!("stopped by this machine itself: {errno}"), occurrence))
            }
            _ => None,
        }
    }
}

/// Whether a missing route is not a gap in what this machine can reach: no host has the address, or the routing refuses
/// it.
pub(super) fn refuses_locally(context: AttemptContext<'_>) -> bool {
    let address = context.address();
    is_not_a_host(address) || context.network().is_some_and(|own| own.refuses(address))
}

fn stopped_by_rule(system: System, errno: String) -> Occurrence {
    blocked_by(system, Blocker::Rule, errno)
}

fn blocked_by(system: System, blocker: Blocker, errno: String) -> Occurrence {
    Occurrence::confirmed(LocalBlock { errno: Some(errno), blocker, system }).located(Some(Location::THIS_MACHINE))
}

/// What the kernel's counters say about this machine's part in unanswered SYNs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KernelVerdict<'a> {
    /// In two rounds, it dropped every SYN that it should have retransmitted.
    Drops(&'a LocalRound),
    /// It sent them.
    Sends,
    /// Not known, or not the same in both rounds.
    Unknown,
}

pub(super) fn kernel_verdict(context: AttemptContext<'_>) -> KernelVerdict<'_> {
    // A router's answer is better proof than counters that other programs also increase.
    if context.first_result::<kind::Path>().is_some_and(location::left_this_machine) {
        return KernelVerdict::Sends;
    }
    let here = |round: &&LocalRound| (round.address, round.port) == (context.address(), context.port());
    let rounds = context.all_results::<kind::LocalDrops>().flat_map(|local| &local.rounds).filter(here);
    let mut rounds = rounds.filter(|round| round.syns > 0 && round.retransmitted >= round.syns);
    let (Some(first), Some(second)) = (rounds.next(), rounds.next()) else { return KernelVerdict::Unknown };
    match (drops(first), drops(second)) {
        (true, true) => KernelVerdict::Drops(second),
        (false, false) => KernelVerdict::Sends,
        _ => KernelVerdict::Unknown,
    }
}

/// Other programs' failures count too, but hardly as many in both rounds.
fn drops(round: &LocalRound) -> bool {
    let all = u64::from(round.syns);
    round.retransmissions_failed >= all && round.packets_not_sent.is_none_or(|packets| packets >= all)
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    Counted { port: u16, retransmitted: u32, failed: u64 },
    Rejected { address: IpAddr, port: u16, error: IcmpError },
    LocalError { address: IpAddr, port: u16, errno: String },
    Unreachable { address: IpAddr },
    NotAHost { address: IpAddr },
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Counted { port, retransmitted, failed } => write!(
                f,
                "while the kernel sent {retransmitted} SYNs to port {port} once more, it counted {failed} retransmissions \
                 that failed inside this machine, twice"
            ),
            Self::Rejected { address, port, error } => write!(
                f,
                "a SYN to {address} port {port} was answered by this machine's own address with ICMP {}",
                error.name()
            ),
            Self::LocalError { address, port, errno } => {
                write!(f, "connecting to {address} port {port} failed at once with: {errno}")
            }
            Self::Unreachable { address } => write!(
                f,
                "the system says at once that no route leads to {address}, though this machine has a default route"
            ),
            Self::NotAHost { address } => write!(
                f,
                "no host can be reached at {address}: it is a multicast, broadcast or link-local address, and nothing was sent"
            ),
        }
    }
}
