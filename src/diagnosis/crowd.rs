//! How a check fares beside the run's other connections, and alone.

use super::attempt_context::AttemptContext;
use crate::observation::{Alone, Attempt, ConnectEvidence, ConnectFailure, kind};

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
    if first.has_arrived(context.seen.depth) {
        let again = first.connect.success().is_some_and(ConnectEvidence::was_sent_again);
        return if again { Crowded::Delayed } else { Crowded::No };
    }
    match works_alone(context) {
        None => Crowded::No,
        Some(Alone { crowd, .. }) if first.silent_at().is_some() => Crowded::TooSlow { crowd: *crowd },
        Some(Alone { crowd, .. }) => Crowded::Stopped { crowd: *crowd },
    }
}

/// What was seen alone, where that is what the check is to be judged by: it arrived, or got further.
pub(super) fn judged_by(context: AttemptContext<'_>) -> Option<&Attempt> {
    let alone = context.shown::<kind::Alone>()?;
    let further = !context.attempt.connect.is_ok() && alone.attempt.connect.is_ok();
    (alone.attempt.has_arrived(context.seen.depth) || further).then_some(&*alone.attempt)
}

/// Whether several tries of the port, one after another, did not all arrive.
pub(super) fn some_tries_fail(context: AttemptContext<'_>) -> bool {
    context.shown::<kind::Tries>().is_some_and(|tries| tries.failures() > 0)
}

fn works_alone(context: AttemptContext<'_>) -> Option<&Alone> {
    context.all_shown::<kind::Alone>().find(|alone| alone.attempt.has_arrived(context.seen.depth))
}

/// Whether the same address and port took a connection of the run, which this attempt was refused, or not answered.
pub(super) fn is_contradicted(context: AttemptContext<'_>) -> bool {
    let by_the_network = matches!(
        context.attempt.connect.failure(),
        Some(
            ConnectFailure::TimedOut { .. }
                | ConnectFailure::Refused { .. }
                | ConnectFailure::Icmp { from_this_machine: false, .. }
        )
    );
    by_the_network && context.comparisons.is_taken(context.address(), context.port())
}
