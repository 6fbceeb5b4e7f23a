//! This machine itself stops the connection.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use crate::{
    diagnosis::{
        Entry, Forgery, Location, Owner, Severity, attempt_context::AttemptContext, cause_kind::CauseKind,
        evidence::Statement, icmp::IcmpError, location, names::is_no_hosts, occurrence::Occurrence, scope::Scope,
        text::clipped, unanswered::Unanswered, verdict::AttemptVerdict,
    },
    observation::{ConnectFailure, LocalRound, Stage, kind},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct LocalBlock {
    /// How it is stopped: the system's word, or ours.
    errno: Option<String>,
    #[serde(skip)]
    by: By,
}

/// What stops it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum By {
    /// A rule, of whichever kind.
    #[default]
    ARule,
    /// A route or a rule of its routing says that the address cannot be reached.
    ItsRouting,
    /// The address itself: no host can have it.
    TheAddress,
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
        match self.by {
            By::ARule => format!(
                "Allow outbound {} on this machine (its firewall, `ip route` prohibitions, container or service sandbox).",
                scope.tcp()
            ),
            By::ItsRouting => format!(
                "Look at the routing of this machine (`ip rule`, `ip route show table all`): an `unreachable` route or rule \
                 keeps packets from {}, as the kill switch of a VPN sets while that is down, or its default route is for other \
                 packets alone.",
                scope.host()
            ),
            By::TheAddress => format!(
                "Correct the address of {}: no host can be reached at it (multicast, broadcast, or link-local without a link).",
                scope.host()
            ),
        }
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let (address, port) = (context.address(), context.port());
        match context.attempt.connect.failure()? {
            ConnectFailure::TimedOut { retransmits } => {
                let Kernel::Drops(round) = kernel(context) else { return None };
                let occurrence = stopped("its own firewall drops what it sends".to_owned())
                    .evidence(Unanswered::of(context, *retransmits))
                    .evidence(Observed::Counted {
                        port: round.port,
                        retransmitted: round.retransmitted,
                        failed: round.retransmissions_failed,
                    });
                Some(AttemptVerdict::blocked("dropped by this machine itself", occurrence))
            }
            ConnectFailure::Icmp { icmp_type, code, from_this_machine: true, .. } => {
                let error = IcmpError { icmp_type: *icmp_type, code: *code, v6: address.is_ipv6() };
                let occurrence = stopped(format!("ICMP {}, from its own address", error.name()))
                    .evidence(Observed::Rejected { address, port, error });
                Some(AttemptVerdict::blocked("rejected by this machine's own firewall", occurrence))
            }
            ConnectFailure::NoRoute | ConnectFailure::Local { .. } if is_no_hosts(address) => {
                let occurrence = by(By::TheAddress, "no host can have the address".to_owned());
                let summary = format!("{address} is no host's address");
                Some(AttemptVerdict::blocked(summary, occurrence.evidence(Observed::NoHosts { address })))
            }
            ConnectFailure::NoRoute if refuses(context) => {
                let occurrence = by(By::ItsRouting, "its own routing refuses the address".to_owned());
                let summary = "refused by this machine's own routing";
                Some(AttemptVerdict::blocked(summary, occurrence.evidence(Observed::Unreachable { address })))
            }
            ConnectFailure::Local { errno } => {
                let errno = clipped(errno);
                let occurrence =
                    stopped(errno.clone()).evidence(Observed::AtOnce { address, port, errno: errno.clone() });
                Some(AttemptVerdict::blocked(format!("stopped by this machine itself: {errno}"), occurrence))
            }
            _ => None,
        }
    }
}

/// Whether a route that is said to be missing is no gap in what this machine can reach: the address is no host's, or routing
/// refuses it.
pub(super) fn refuses(context: AttemptContext<'_>) -> bool {
    let address = context.address();
    is_no_hosts(address) || context.network().is_some_and(|own| own.refuses(address))
}

fn stopped(errno: String) -> Occurrence {
    by(By::ARule, errno)
}

fn by(by: By, errno: String) -> Occurrence {
    Occurrence::confirmed(LocalBlock { errno: Some(errno), by }).located(Some(Location::THIS_MACHINE))
}

/// What the kernel's counters say of this machine's own part in SYNs that nobody answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kernel<'a> {
    /// It dropped every SYN that it should have sent once more, twice.
    Drops(&'a LocalRound),
    /// It sent them.
    Sends,
    /// It does not tell, or not the same twice.
    Unknown,
}

pub(super) fn kernel(context: AttemptContext<'_>) -> Kernel<'_> {
    // A router's answer is better proof than counters that other programs count in.
    if context.shown::<kind::Path>().is_some_and(location::left_this_machine) {
        return Kernel::Sends;
    }
    let here = |round: &&LocalRound| (round.address, round.port) == (context.address(), context.port());
    let rounds = context.all_shown::<kind::LocalDrops>().flat_map(|local| &local.rounds).filter(here);
    let mut rounds = rounds.filter(|round| round.syns > 0 && round.retransmitted >= round.syns);
    let (Some(first), Some(second)) = (rounds.next(), rounds.next()) else { return Kernel::Unknown };
    match (drops(first), drops(second)) {
        (true, true) => Kernel::Drops(second),
        (false, false) => Kernel::Sends,
        _ => Kernel::Unknown,
    }
}

/// Other programs' failures count too, but hardly as many at the same moment, twice.
fn drops(round: &LocalRound) -> bool {
    let all = u64::from(round.syns);
    round.retransmissions_failed >= all && round.packets_not_sent.is_none_or(|packets| packets >= all)
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    Counted { port: u16, retransmitted: u32, failed: u64 },
    Rejected { address: IpAddr, port: u16, error: IcmpError },
    AtOnce { address: IpAddr, port: u16, errno: String },
    Unreachable { address: IpAddr },
    NoHosts { address: IpAddr },
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
            Self::AtOnce { address, port, errno } => {
                write!(f, "connecting to {address} port {port} failed at once with: {errno}")
            }
            Self::Unreachable { address } => write!(
                f,
                "the system says at once that no route leads to {address}, though this machine has a default route"
            ),
            Self::NoHosts { address } => write!(
                f,
                "no host can be reached at {address}: it is a multicast, broadcast or link-local address, and nothing was sent"
            ),
        }
    }
}
