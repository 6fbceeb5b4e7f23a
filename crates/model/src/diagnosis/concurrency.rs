//! How a check does with the run's other connections open, and alone.

use super::{
    attempt_context::AttemptContext,
    attempt_verdict::AttemptVerdict,
    comparisons::ConcurrencySigns,
    location::{self, Silence},
};
use crate::observation::{Alone, Attempt, ConnectEvidence, ConnectFailure, StageResult, Trace, Tries, kind};

/// Two or three SYNs are sent in this time. A shorter attempt alone that met silence proves nothing.
const MIN_SILENCE_ALONE_MS: f64 = 3000.0;

/// Fewer tries prove nothing: two lost packets look like a port that refuses some connections. The deadline may cut
/// them short.
pub(super) const MIN_TRIES: usize = 6;

/// Retransmitted SYNs; the last one is sent some four seconds after the first.
const MANY_RETRANSMITS: u32 = 3;

/// How concurrent connections affected a check.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum ConcurrencyEffect {
    None,
    /// It connected after an unanswered SYN.
    Delayed,
    /// It failed among this many concurrent checks, and works alone.
    Stopped {
        checks: u32,
    },
    /// Its answer was too late among this many concurrent checks, and comes in time alone.
    TooSlow {
        checks: u32,
    },
}

/// How the address of this attempt did in the run; repeated attempts count as well.
pub(super) fn effect(context: AttemptContext<'_>) -> ConcurrencyEffect {
    let Some(first) = context.check.attempts.iter().find(|attempt| attempt.address == context.address()) else {
        return ConcurrencyEffect::None;
    };
    if first.has_arrived(context.observations.depth) {
        let is_late = first.connect.success().is_some_and(ConnectEvidence::was_sent_again);
        return if is_late { ConcurrencyEffect::Delayed } else { ConcurrencyEffect::None };
    }
    match alone_that_arrived(context) {
        None if tries_that_arrived(context).is_some() => {
            // A run has at least one attempt for each check.
            ConcurrencyEffect::Stopped { checks: u32::try_from(context.observations.checks.len()).unwrap_or(u32::MAX) }
        }
        None => ConcurrencyEffect::None,
        Some(Alone { crowd, .. }) if first.silent_at().is_some() => ConcurrencyEffect::TooSlow { checks: *crowd },
        Some(Alone { crowd, .. }) => ConcurrencyEffect::Stopped { checks: *crowd },
    }
}

/// The attempt made alone, if it decides the check: it arrived, or got further.
pub(super) fn conclusive_alone(context: AttemptContext<'_>) -> Option<&Attempt> {
    let attempts_alone = || context.all_results::<kind::Alone>().map(|alone| &*alone.attempt);
    let further = |attempt: &&Attempt| !context.attempt.connect.is_ok() && attempt.connect.is_ok();
    attempts_alone()
        .find(|attempt| attempt.has_arrived(context.observations.depth))
        .or_else(|| attempts_alone().find(further))
}

/// The verdict if neither the concurrent attempt nor one attempt alone decides.
pub(super) fn verdict_under_concurrency(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
    if let Some(tries) = tries_that_arrived(context) {
        let (arrived, made) = (tries.tries.len() - tries.failures(), tries.tries.len());
        let summary = format!("failed beside other checks; {arrived} of {made} tries alone went through");
        return Some(AttemptVerdict::allowed(summary));
    }
    if hits_connection_limit(context) || may_be_rate_limited(context) {
        return Some(AttemptVerdict::unknown("not let in beside other checks: something counts the connections"));
    }
    if is_refused_like_working_port(context) {
        return Some(AttemptVerdict::unknown(
            match context.comparisons.concurrency_signs(context.address()).failed_before_later_success {
                true => "refused, as a port that works was too",
                false => "refused, as a port that works was too: something counts the connections",
            },
        ));
    }
    is_inconclusive(context).then(|| {
        AttemptVerdict::unknown(
            "failed beside other checks, where answers are late or fail now and then; not seen to fail alone",
        )
    })
}

/// Whether an attempt did not connect where a device limits concurrent connections and admits them one after another.
pub(super) fn hits_connection_limit(context: AttemptContext<'_>) -> bool {
    context.attempt.connect.failure().is_some_and(failed_by_the_network)
        && context.comparisons.has_connected(context.address(), context.port())
        && context
            .first_result::<kind::Crowd>()
            .is_some_and(|crowd| crowd.takes_the_first_alone() && crowd.works_in_turn())
}

/// Whether an attempt did not connect where others, to its own port too, connected after a retransmission. A dead
/// machine behind a load balancer answers no SYN of a connection that was assigned to it; a rate limit admits later
/// what it refused at first.
pub(super) fn may_be_rate_limited(context: AttemptContext<'_>) -> bool {
    let at_address = context.comparisons.concurrency_signs(context.address()).connected_after_retransmit;
    (at_address && port_also_connected(context) && !some_tries_fail(context)) || is_silent_under_rate_limit(context)
}

/// Whether nothing shows that this port in particular is silent: elsewhere in the run, silent checks connected alone,
/// or after a retransmission. An attempt alone may still be concurrent with an experiment.
fn is_silent_under_rate_limit(context: AttemptContext<'_>) -> bool {
    let is_silent = matches!(context.attempt.connect.failure(), Some(ConnectFailure::TimedOut { .. }));
    let is_located = |path| matches!(location::silence(path, context.reference_peer(path)), Silence::At { .. });
    is_silent
        && context.comparisons.connects_alone_later()
        && context.comparisons.address_connects(context.address())
        && !context.all_results::<kind::Path>().any(is_located)
}

/// Whether an attempt was refused where working ports are refused at times. That says nothing about its port.
pub(super) fn is_refused_like_working_port(context: AttemptContext<'_>) -> bool {
    matches!(context.attempt.connect.failure(), Some(ConnectFailure::Refused { .. })) && refuses_working_port(context)
}

/// Whether a connection limit does not explain the failure: it admitted others that came later, or stopped this one for
/// long while no other was open. Where SYNs are answered late, packets may have been lost.
pub(super) fn fails_regardless_of_order(context: AttemptContext<'_>) -> bool {
    let signs = context.comparisons.concurrency_signs(context.address());
    signs.failed_out_of_order || (stays_silent(context) && signs.finished_early && !signs.connected_after_retransmit)
}

/// Whether many SYNs of a check stayed unanswered although its port took another connection.
fn stays_silent(context: AttemptContext<'_>) -> bool {
    let first = context.check.attempts.iter().find(|attempt| attempt.address == context.address());
    let failure = first.and_then(|attempt| attempt.connect.failure());
    matches!(failure, Some(ConnectFailure::TimedOut { retransmits: Some(again) }) if *again >= MANY_RETRANSMITS)
        && context.comparisons.has_connected(context.address(), context.port())
}

/// Whether a port that connected in the run refused every SYN when its path was traced.
pub(super) fn refuses_working_port(context: AttemptContext<'_>) -> bool {
    let (comparisons, address) = (context.comparisons, context.address());
    if comparisons.concurrency_signs(address).failed_out_of_order {
        return false;
    }
    let references = comparisons.paths_to(address).iter().filter_map(|path| path.reference.as_ref());
    let mut that_work =
        references.filter(|trace| trace.address == address && comparisons.has_connected(address, trace.port));
    that_work.any(Trace::is_reset_throughout)
}

/// Tries of this check, made one after another with no other connection open, some of which arrived although the check
/// did not.
fn tries_that_arrived(context: AttemptContext<'_>) -> Option<&Tries> {
    let attempt = context.attempt;
    if !attempt.connect.failure().is_some_and(failed_by_the_network) && attempt.silent_at().is_none() {
        return None;
    }
    own_tries(context).find(|tries| tries.failures() < tries.tries.len())
}

/// Whether enough tries of this check were made, one after another, and all failed.
pub(super) fn all_tries_fail(context: AttemptContext<'_>) -> bool {
    own_tries(context).any(|tries| tries.tries.len() >= MIN_TRIES && tries.failures() == tries.tries.len())
}

fn own_tries(context: AttemptContext<'_>) -> impl Iterator<Item = &Tries> {
    context.all_results::<kind::Tries>().filter(move |tries| tries.check == context.check.id)
}

/// Whether a failure was not confirmed alone, at an address that answers late: there packets are lost or queued, and a
/// single failure proves nothing. Where connections fail at times, only several tries decide.
fn is_inconclusive(context: AttemptContext<'_>) -> bool {
    let ConcurrencySigns { answered_late, mixed_outcomes, silent_concurrently, silent_alone, .. } =
        context.comparisons.concurrency_signs(context.address());
    (answered_late || mixed_outcomes)
        && match context.attempt.connect.failure() {
            Some(failure) if mixed_outcomes => failed_by_the_network(failure) && !all_tries_fail(context),
            Some(failure) => failed_by_the_network(failure) && !fails_alone(context, failure),
            None => {
                context.attempt.silent_at().is_some() && (silent_alone == 0 || silent_concurrently + silent_alone < 2)
            }
        }
}

/// Whether the check also fails to connect alone: refused again, or unanswered for long.
fn fails_alone(context: AttemptContext<'_>, failure: &ConnectFailure) -> bool {
    let is_silence = |failure: &ConnectFailure| matches!(failure, ConnectFailure::TimedOut { .. });
    let alike = |alone: &Alone| {
        let StageResult::Failed { failure: now, duration_ms, .. } = &alone.attempt.connect else { return false };
        failed_by_the_network(now)
            && is_silence(now) == is_silence(failure)
            && (!is_silence(now) || *duration_ms >= MIN_SILENCE_ALONE_MS)
    };
    context.all_results::<kind::Alone>().any(alike) || all_tries_fail(context)
}

fn failed_by_the_network(failure: &ConnectFailure) -> bool {
    matches!(
        failure,
        ConnectFailure::TimedOut { .. }
            | ConnectFailure::Refused { .. }
            | ConnectFailure::Icmp { from_this_machine: false, .. }
    )
}

/// Whether some of several tries of the port, one after another, failed.
pub(super) fn some_tries_fail(context: AttemptContext<'_>) -> bool {
    context.first_result::<kind::Tries>().is_some_and(|tries| tries.failures() > 0)
}

fn alone_that_arrived(context: AttemptContext<'_>) -> Option<&Alone> {
    context.all_results::<kind::Alone>().find(|alone| alone.attempt.has_arrived(context.observations.depth))
}

/// Whether the same address and port took another connection of the run while this attempt was refused or not answered.
pub(super) fn port_also_connected(context: AttemptContext<'_>) -> bool {
    let by_the_network = context.attempt.connect.failure().is_some_and(failed_by_the_network);
    by_the_network && context.comparisons.has_connected(context.address(), context.port())
}
