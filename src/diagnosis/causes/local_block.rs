//! This machine itself stops the connection.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use super::CauseKind;
use crate::{
    diagnosis::{
        Entry, Forgery, Location, Owner, Severity, attempt_context::AttemptContext, evidence::Statement,
        icmp::IcmpError, occurrence::Occurrence, place, scope::Scope, text::clipped, unanswered::Unanswered,
        verdict::AttemptVerdict,
    },
    observation::{ConnectFailure, LocalRound, Stage, kind},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct LocalBlock {
    /// How it is stopped: the system's word, or ours.
    errno: Option<String>,
}

impl CauseKind for LocalBlock {
    const ENTRY: Entry = Entry {
        word: "local-block",
        stage: Stage::Connect,
        severity: Severity::Error,
        owner: Owner::Operator,
        forgery: Forgery::Nobody,
        explanation: "The connection never left this machine: its own firewall, routing policy or sandbox refused it.",
        proof: "The system refuses at once, or rejects it by an ICMP error from this machine's own address. Of a rule that drops \
            without a word, the Linux kernel's counters tell: all of several SYNs that were to be sent once more failed inside \
            this machine, twice, and no router answered any.",
    };

    fn title(&self, scope: &Scope) -> String {
        let how = self.errno.as_deref().unwrap_or("the system's error");
        format!("This machine itself stops {}: {how}", scope.tcp())
    }

    fn fix(&self, scope: &Scope) -> String {
        format!(
            "Allow outbound {} on this machine (its firewall, `ip route` prohibitions, container or service sandbox).",
            scope.tcp()
        )
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let (address, port) = (context.address(), context.port());
        match context.attempt.connect.failure()? {
            ConnectFailure::TimedOut { retransmits } => {
                let Kernel::Drops(round) = kernel(context) else { return None };
                let occurrence = stopped("its own firewall drops what it sends".to_owned())
                    .evidence(Unanswered::of(context, *retransmits))
                    .evidence(Seen::Counted {
                        port: round.port,
                        retransmitted: round.retransmitted,
                        failed: round.retransmissions_failed,
                    });
                Some(AttemptVerdict::blocked("dropped by this machine itself", occurrence))
            }
            ConnectFailure::Icmp { icmp_type, code, from_this_machine: true, .. } => {
                let error = IcmpError { icmp_type: *icmp_type, code: *code, v6: address.is_ipv6() };
                let occurrence = stopped(format!("ICMP {}, from its own address", error.name()))
                    .evidence(Seen::Rejected { address, port, error });
                Some(AttemptVerdict::blocked("rejected by this machine's own firewall", occurrence))
            }
            ConnectFailure::Local { errno } => {
                let errno = clipped(errno);
                let occurrence = stopped(errno.clone()).evidence(Seen::AtOnce { address, port, errno: errno.clone() });
                Some(AttemptVerdict::blocked(format!("stopped by this machine itself: {errno}"), occurrence))
            }
            _ => None,
        }
    }
}

fn stopped(errno: String) -> Occurrence {
    Occurrence::confirmed(LocalBlock { errno: Some(errno) }).located(Some(Location::THIS_MACHINE))
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
    if context.shown::<kind::Path>().is_some_and(place::left_this_machine) {
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
enum Seen {
    Counted { port: u16, retransmitted: u32, failed: u64 },
    Rejected { address: IpAddr, port: u16, error: IcmpError },
    AtOnce { address: IpAddr, port: u16, errno: String },
}

impl Statement for Seen {}

impl fmt::Display for Seen {
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
        }
    }
}
