//! This machine drops the answers because they arrive by another interface.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Location, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_verdict::AttemptVerdict,
        cause_kind::CauseKind,
        comparisons::Reference,
        evidence::Statement,
        occurrence::Occurrence,
        scope::Scope,
        text::{clipped, listed},
    },
    observation::{ConnectFailure, ReversePath, Stage, kind},
};

/// Other experiments have at most this many SYNs under way, whose answers the filter also counts.
const MAX_FOREIGN_PACKETS: u64 = 60;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct ReversePathFilter {
    /// The interfaces with an active filter.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    filtering: Vec<String>,
}

impl CauseKind for ReversePathFilter {
    const ENTRY: Entry = Entry {
        stage: Stage::Connect,
        severity: Severity::Error,
        owner: Owner::Operator,
        forgery: Forgery::Nobody,
        explanation: "Answers reach this machine by another interface than the one by which packets to their sender leave, and \
            its own reverse path filter (RFC 3704) drops them. This happens with two uplinks, or policy routing. Nothing on \
            the path drops anything.",
        proof: "The kernel's counter of packets that the filter drops rises by as many as SYNs are sent at once, and by more \
            when more are sent. Where that many might be dropped anyway, it is `likely`. Needs Linux, and IPv4.",
    };

    fn title(&self, _: &Scope) -> String {
        "This machine's own reverse path filter drops the answers".to_owned()
    }

    fn fix(&self, scope: &Scope) -> String {
        format!(
            "Set the filter of {} to loose (`sysctl net.ipv4.conf.INTERFACE.rp_filter=2`, and that of `all`), or have answers \
             return by the interface that packets leave by.",
            scope.or_placeholder("the interfaces that receive the answers", listed(&self.filtering))
        )
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let ConnectFailure::TimedOut { .. } = context.attempt.connect.failure()? else { return None };
        let observed = context.first_result::<kind::ReversePath>()?;
        // The filter does not distinguish ports.
        if matches!(context.reference(), Reference::Answers(_)) || !counts_every_syn(observed) {
            return None;
        }
        let cause = Self { filtering: observed.filtering.iter().map(|name| clipped(name)).collect() };
        let occurrence = match counts_only_ours(observed) {
            true => Occurrence::confirmed(cause),
            false => Occurrence::likelier_than(cause, Code::SilentDrop),
        };
        let rounds = observed.rounds.iter().take(2).map(|round| (round.syns, round.filtered)).collect();
        let occurrence = occurrence.evidence(FilteredPackets { rounds }).located(Some(Location::THIS_MACHINE));
        Some(AttemptVerdict::blocked("answers dropped by this machine's own reverse path filter", occurrence))
    }
}

/// Whether the filter dropped at least as many packets as each burst had SYNs.
fn counts_every_syn(observed: &ReversePath) -> bool {
    observed.rounds.len() > 1 && observed.rounds.iter().all(|round| round.syns > 0 && round.filtered >= round.syns)
}

/// Whether a steady stream of other packets, dropped independently of the bursts, is ruled out.
fn counts_only_ours(observed: &ReversePath) -> bool {
    let [first, second, ..] = observed.rounds.as_slice() else { return false };
    first.filtered < second.syns
        && second.filtered <= second.syns.saturating_add(first.syns).saturating_add(MAX_FOREIGN_PACKETS)
}

#[derive(Debug, Clone, PartialEq)]
struct FilteredPackets {
    /// SYNs sent, and packets that the filter dropped.
    rounds: Vec<(u64, u64)>,
}

impl Statement for FilteredPackets {}

impl fmt::Display for FilteredPackets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rounds: Vec<String> =
            self.rounds.iter().map(|(syns, filtered)| format!("{filtered} after {syns} SYNs")).collect();
        write!(f, "the kernel counted packets that its reverse path filter dropped: {}", listed(&rounds))
    }
}
