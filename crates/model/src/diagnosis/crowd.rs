//! How a check fares beside the run's other connections, and alone.

use super::{
    attempt_context::AttemptContext,
    comparisons::Strain,
    location::{self, Silence},
    verdict::AttemptVerdict,
};
use crate::observation::{Alone, Attempt, ConnectEvidence, ConnectFailure, StageResult, Trace, Tries, kind};

/// Of a look alone that met no answer: so long two SYNs or three were sent.
const LONG_LOOK_MS: f64 = 3000.0;

/// Fewer tries, as where the deadline cuts them short, accuse nobody: two lost packets look like one that is refused.
pub(super) const ENOUGH_TRIES: usize = 6;

/// SYNs sent again, the last some four seconds after the first.
const MANY_SYNS_AGAIN: u32 = 3;

/// What the company of other connections did to a check.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Crowded {
    /// Nothing that shows.
    No,
    /// It arrived, after a SYN that was not answered.
    Delayed,
    /// It failed among so many checks, and alone it works.
    Stopped { crowd: u32 },
    /// What it waited for did not come in time among so many checks, and alone it does.
    TooSlow { crowd: u32 },
}

/// How an attempt fared in the run, by which of its attempts so ever.
pub(super) fn fared(context: AttemptContext<'_>) -> Crowded {
    let Some(first) = context.check.attempts.iter().find(|attempt| attempt.address == context.address()) else {
        return Crowded::No;
    };
    if first.has_arrived(context.observations.depth) {
        let again = first.connect.success().is_some_and(ConnectEvidence::was_sent_again);
        return if again { Crowded::Delayed } else { Crowded::No };
    }
    match works_alone(context) {
        None if arrived_in_tries(context).is_some() => {
            // A run has one attempt at least for each check.
            Crowded::Stopped { crowd: u32::try_from(context.observations.checks.len()).unwrap_or(u32::MAX) }
        }
        None => Crowded::No,
        Some(Alone { crowd, .. }) if first.silent_at().is_some() => Crowded::TooSlow { crowd: *crowd },
        Some(Alone { crowd, .. }) => Crowded::Stopped { crowd: *crowd },
    }
}

/// What was seen alone, where that is what the check is to be judged by: it arrived, or got further.
pub(super) fn judged_by(context: AttemptContext<'_>) -> Option<&Attempt> {
    let looks = || context.all_shown::<kind::Alone>().map(|alone| &*alone.attempt);
    let further = |attempt: &&Attempt| !context.attempt.connect.is_ok() && attempt.connect.is_ok();
    looks().find(|attempt| attempt.has_arrived(context.observations.depth)).or_else(|| looks().find(further))
}

/// What is said where neither the crowd nor one look alone decides.
pub(super) fn without_a_verdict(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
    if let Some(tries) = arrived_in_tries(context) {
        let (arrived, made) = (tries.tries.len() - tries.failures(), tries.tries.len());
        let summary = format!("failed beside other checks; {arrived} of {made} tries alone went through");
        return Some(AttemptVerdict::allowed(summary));
    }
    if is_counted(context) || waits_its_turn(context) {
        return Some(AttemptVerdict::unknown("not let in beside other checks: something counts the connections"));
    }
    if is_refused_like_what_works(context) {
        return Some(AttemptVerdict::unknown(match context.comparisons.strain(context.address()).before_one_taken {
            true => "refused, as a port that works was too",
            false => "refused, as a port that works was too: something counts the connections",
        }));
    }
    is_undecided(context).then(|| {
        AttemptVerdict::unknown(
            "failed beside other checks, where answers are late or fail now and then; not seen to fail alone",
        )
    })
}

/// Whether an attempt did not connect where something counts the connections, and lets them in one after another.
pub(super) fn is_counted(context: AttemptContext<'_>) -> bool {
    context.attempt.connect.failure().is_some_and(failed_by_the_network)
        && context.comparisons.is_taken(context.address(), context.port())
        && context.shown::<kind::Crowd>().is_some_and(|crowd| crowd.takes_the_first_alone() && crowd.works_in_turn())
}

/// Whether an attempt did not connect where others had to wait before they did, its own port's among them. A dead machine behind
/// a load balancer answers no SYN of a connection that was given to it; what counts by the second lets in later what it did not
/// at first.
pub(super) fn waits_its_turn(context: AttemptContext<'_>) -> bool {
    let at_address = context.comparisons.strain(context.address()).let_in_later;
    (at_address && is_contradicted(context) && !some_tries_fail(context)) || is_rationed(context)
}

/// Whether nothing tells that it is this port which is silent: elsewhere in the run what was silent is let in alone, and what was
/// not answered at first is later. A look at one is beside looks at others then, too.
fn is_rationed(context: AttemptContext<'_>) -> bool {
    let is_silent = matches!(context.attempt.connect.failure(), Some(ConnectFailure::TimedOut { .. }));
    let is_placed = |path| matches!(location::silence(path, context.reference_of(path)), Silence::At { .. });
    is_silent
        && context.comparisons.lets_in_alone_later()
        && context.comparisons.connects(context.address())
        && !context.all_shown::<kind::Path>().any(is_placed)
}

/// Whether an attempt was refused where ports that work are refused now and then: that says nothing of its port.
pub(super) fn is_refused_like_what_works(context: AttemptContext<'_>) -> bool {
    matches!(context.attempt.connect.failure(), Some(ConnectFailure::Refused { .. })) && refuses_what_works(context)
}

/// Whether a check failed, and what counts connections would not have stopped it: it let in others that came later, or kept one out
/// for long while nothing else was open. Where SYNs are answered late, packets may have been lost.
pub(super) fn is_stopped_whatever_its_turn(context: AttemptContext<'_>) -> bool {
    let strain = context.comparisons.strain(context.address());
    strain.out_of_turn || (is_silent_for_long(context) && strain.arrived_soon && !strain.let_in_later)
}

/// Whether none of many SYNs of a check was answered, though its port took another connection.
fn is_silent_for_long(context: AttemptContext<'_>) -> bool {
    let first = context.check.attempts.iter().find(|attempt| attempt.address == context.address());
    let failure = first.and_then(|attempt| attempt.connect.failure());
    matches!(failure, Some(ConnectFailure::TimedOut { retransmits: Some(again) }) if *again >= MANY_SYNS_AGAIN)
        && context.comparisons.is_taken(context.address(), context.port())
}

/// Whether a port of the address that took a connection of the run refused all others when its path was looked at.
pub(super) fn refuses_what_works(context: AttemptContext<'_>) -> bool {
    let (comparisons, address) = (context.comparisons, context.address());
    if comparisons.strain(address).out_of_turn {
        return false;
    }
    let references = comparisons.paths_to(address).iter().filter_map(|path| path.reference.as_ref());
    let mut that_work =
        references.filter(|trace| trace.address == address && comparisons.is_taken(address, trace.port));
    that_work.any(Trace::is_reset_throughout)
}

/// Tries of this very check, one after another with nothing beside them, some of which arrived although it did not.
fn arrived_in_tries(context: AttemptContext<'_>) -> Option<&Tries> {
    let attempt = context.attempt;
    if !attempt.connect.failure().is_some_and(failed_by_the_network) && attempt.silent_at().is_none() {
        return None;
    }
    own_tries(context).find(|tries| tries.failures() < tries.tries.len())
}

/// Whether tries of this very check, one after another, were made and none of them arrived.
pub(super) fn all_tries_fail(context: AttemptContext<'_>) -> bool {
    own_tries(context).any(|tries| tries.tries.len() >= ENOUGH_TRIES && tries.failures() == tries.tries.len())
}

fn own_tries(context: AttemptContext<'_>) -> impl Iterator<Item = &Tries> {
    context.all_shown::<kind::Tries>().filter(move |tries| tries.check == context.check.id)
}

/// Whether what failed was not seen to fail alone in the same way, at an address that is answered late: there packets are lost, or
/// wait for others, and one of them tells nothing. Where connections there fail now and then, only several tries tell.
fn is_undecided(context: AttemptContext<'_>) -> bool {
    let Strain { late, mixed, silent_beside, silent_alone, .. } = context.comparisons.strain(context.address());
    (late || mixed)
        && match context.attempt.connect.failure() {
            Some(failure) if mixed => failed_by_the_network(failure) && !all_tries_fail(context),
            Some(failure) => failed_by_the_network(failure) && !fails_alone(context, failure),
            None => context.attempt.silent_at().is_some() && (silent_alone == 0 || silent_beside + silent_alone < 2),
        }
}

/// Whether the check fails to connect alone, too: refused again, or not answered for long.
fn fails_alone(context: AttemptContext<'_>, failure: &ConnectFailure) -> bool {
    let is_silence = |failure: &ConnectFailure| matches!(failure, ConnectFailure::TimedOut { .. });
    let alike = |alone: &Alone| {
        let StageResult::Failed { failure: now, duration_ms, .. } = &alone.attempt.connect else { return false };
        failed_by_the_network(now)
            && is_silence(now) == is_silence(failure)
            && (!is_silence(now) || *duration_ms >= LONG_LOOK_MS)
    };
    context.all_shown::<kind::Alone>().any(alike) || all_tries_fail(context)
}

fn failed_by_the_network(failure: &ConnectFailure) -> bool {
    matches!(
        failure,
        ConnectFailure::TimedOut { .. }
            | ConnectFailure::Refused { .. }
            | ConnectFailure::Icmp { from_this_machine: false, .. }
    )
}

/// Whether several tries of the port, one after another, did not all arrive.
pub(super) fn some_tries_fail(context: AttemptContext<'_>) -> bool {
    context.shown::<kind::Tries>().is_some_and(|tries| tries.failures() > 0)
}

fn works_alone(context: AttemptContext<'_>) -> Option<&Alone> {
    context.all_shown::<kind::Alone>().find(|alone| alone.attempt.has_arrived(context.observations.depth))
}

/// Whether the same address and port took a connection of the run, which this attempt was refused, or not answered.
pub(super) fn is_contradicted(context: AttemptContext<'_>) -> bool {
    let by_the_network = context.attempt.connect.failure().is_some_and(failed_by_the_network);
    by_the_network && context.comparisons.is_taken(context.address(), context.port())
}
