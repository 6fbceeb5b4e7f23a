//! The same attempt alone: a check that failed while other connections of ours were open, or opening, may have failed
//! because of them. Runs when everything else has ended.

use std::{net::IpAddr, time::Duration};

use tokio::time::sleep;

use super::{
    Concurrency, Experiment,
    snapshot_view::{SnapshotView, arrived, failure},
};
use crate::{
    attempt::stage_runner::StageRunner,
    context::run_context::RunContext,
    hub::{CheckId, Depth},
    observation::{
        Alone, Attempt, ConnectFailure, Ending, ExchangeFailure, Outcome, StageResult, TlsFailure, Trace,
        TrackedAttempt, Tries, UpgradeFailure, kind,
    },
};

/// Limits the repetition for a port that was silent. The port has had five seconds already, most of them while nothing
/// else was opening, and a port that drops everything must be reported within six.
const SILENT_PORT_TIMEOUT: Duration = Duration::from_millis(850);
/// Between the SYNs to several silent ports: each is alone as long as none of the others is answered.
const SYN_SPACING: Duration = Duration::from_millis(120);
/// Limits the wait for a second refusal, besides the round trip. The first came at once, and so does the next; a router
/// that rate-limits ICMP may stay silent.
const REFUSAL_TIMEOUT: Duration = Duration::from_millis(150);
/// By then the earlier connections are closed, also for a device on the path that counts them.
const CLOSE_DELAY: Duration = Duration::from_millis(40);
/// By then a device that counts connections per second has forgotten the earlier ones.
const COUNTER_RESET_DELAY: Duration = Duration::from_millis(1600);
/// Limits the last repetition: time for three SYNs, sent after 0, 1 and 3 s.
const THREE_SYNS_TIMEOUT: Duration = Duration::from_millis(3200);
/// A second attempt starts after this time. It is alone if the others have arrived by then.
const SECOND_ATTEMPT_AFTER_MS: f64 = 2000.0;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    check: CheckId,
    address: IpAddr,
    /// Whether an earlier repetition failed, and its port works for another check.
    again: bool,
}

impl Experiment for Plan {
    type Facts = Alone;

    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        let failed = view.ended().filter(move |tracked| may_have_been_crowded_out(view, tracked));
        failed.map(move |tracked| Self {
            check: tracked.check.id.clone(),
            address: tracked.attempt.address,
            again: deserves_another_look(view, tracked),
        })
    }

    fn concurrency(&self, view: SnapshotView<'_>) -> Concurrency {
        match view.ended().find(|tracked| self.is_of(tracked)).is_some_and(is_silent) {
            true => Concurrency::SameKind,
            false if self.again => Concurrency::Alone,
            false => Concurrency::AloneFirst,
        }
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<Alone> {
        let roots = context.state.roots()?;
        let check = context.target.checks.iter().find(|known| known.id == self.check)?;
        let snapshot = context.state.snapshot();
        let tracked = snapshot.attempts.iter().find(|tracked| self.is_of(tracked))?;
        let before =
            snapshot.attempts.iter().take_while(|tracked| !self.is_of(tracked)).filter(|tracked| is_silent(tracked));
        let after = SYN_SPACING * u32::try_from(before.count()).unwrap_or(u32::MAX).min(5);
        let patience = match tracked.attempt.connect.failure() {
            Some(_) if self.again => {
                sleep(COUNTER_RESET_DELAY + after).await;
                THREE_SYNS_TIMEOUT
            }
            Some(ConnectFailure::TimedOut { .. }) => {
                sleep(after).await;
                SILENT_PORT_TIMEOUT.saturating_sub(after)
            }
            Some(_) => {
                sleep(CLOSE_DELAY + millis_of(tracked)).await;
                REFUSAL_TIMEOUT + millis_of(tracked) * 4
            }
            // On a narrow link, the rest of the crowd's traffic is as late as its last answers.
            None => SILENT_PORT_TIMEOUT + (millis_of(tracked) * 4).max(handshake_of(tracked) * 2),
        };
        let attempt = StageRunner::new(context, &roots).attempt_alone(check, self.address, patience).await;
        let crowd = u32::try_from(snapshot.attempts.len()).unwrap_or(u32::MAX);
        (!was_cancelled(&attempt)).then(|| Alone { check: check.id.clone(), crowd, attempt: Box::new(attempt) })
    }
}

impl Plan {
    fn is_of(&self, tracked: &TrackedAttempt) -> bool {
        tracked.check.id == self.check && tracked.attempt.address == self.address
    }
}

/// Whether one look alone failed, and proves nothing: the port has answered several tries of another check since, or the address
/// is answered late, so that a packet was perhaps lost or still waited; or a port that works was refused as well since, as where
/// something counts connections by the second.
fn deserves_another_look(view: SnapshotView<'_>, tracked: &TrackedAttempt) -> bool {
    let mut looks = view.shown::<kind::Alone>(tracked).map(|alone| &alone.attempt);
    let (Some(look), None) = (looks.next(), looks.next()) else { return false };
    if tracked.attempt.connect.is_ok() || look.has_arrived(view.snapshot.depth) {
        return false;
    }
    let some_arrived = |tries: &Tries| tries.check != tracked.check.id && tries.failures() < tries.tries.len();
    let at_address = |other: &&TrackedAttempt| other.attempt.address == tracked.attempt.address;
    let is_late = view.ended().filter(at_address).any(|other| other.attempt.was_answered_late());
    let references = view.snapshot.facts::<kind::Path>().filter_map(|path| path.reference.as_ref());
    let mut of_address = references.filter(|trace| trace.address == tracked.attempt.address);
    match look.connect.failure() {
        Some(ConnectFailure::Refused { .. }) if of_address.any(Trace::is_reset_throughout) => true,
        Some(_) => is_late || view.shown::<kind::Tries>(tracked).any(some_arrived),
        None => is_late && look.silent_at().is_some(),
    }
}

/// How long the TCP handshake of an attempt took, or its refusal.
fn millis_of(tracked: &TrackedAttempt) -> Duration {
    let took_ms = tracked.attempt.connect.duration_ms().unwrap_or_default().clamp(0.0, 1500.0);
    Duration::try_from_secs_f64(took_ms / 1000.0).unwrap_or_default()
}

/// How long its TLS handshake took, if it ended well.
fn handshake_of(tracked: &TrackedAttempt) -> Duration {
    let took_ms = tracked.attempt.tls.duration_ms().filter(|_| tracked.attempt.tls.is_ok()).unwrap_or_default();
    Duration::try_from_secs_f64(took_ms.clamp(0.0, 5000.0) / 1000.0).unwrap_or_default()
}

fn is_silent(tracked: &TrackedAttempt) -> bool {
    matches!(tracked.attempt.connect.failure(), Some(ConnectFailure::TimedOut { .. }))
}

/// Whether an attempt failed in a way in which too many connections, or too many bytes, make one fail.
fn may_have_been_crowded_out(view: SnapshotView<'_>, tracked: &TrackedAttempt) -> bool {
    let others = || view.snapshot.attempts.iter().filter(move |other| !std::ptr::eq(*other, tracked));
    if others().next().is_none() || arrived(tracked, view.snapshot) {
        return false;
    }
    let at_address = || others().filter(|other| other.attempt.address == tracked.attempt.address);
    let attempt = &tracked.attempt;
    match attempt.connect.failure() {
        Some(ConnectFailure::TimedOut { .. } | ConnectFailure::Refused { .. }) => {
            return at_address().any(|other| other.attempt.connect.is_ok());
        }
        Some(ConnectFailure::Icmp { from_this_machine, .. }) => {
            return !from_this_machine && at_address().any(|other| other.attempt.connect.is_ok());
        }
        Some(_) => return false,
        None => {}
    }
    if is_cut(tracked) {
        return true;
    }
    // Silence. Where the others had arrived before the second attempt, that one was alone; where one look alone has met the same
    // silence, the others would.
    let crowded =
        view.snapshot.depth == Depth::Connect || at_address().any(|other| took_ms(other) > SECOND_ATTEMPT_AFTER_MS);
    let alone = view.snapshot.facts::<kind::Alone>();
    let known = alone.filter(|alone| alone.attempt.address == attempt.address);
    is_mute(tracked) && crowded && !known.into_iter().any(|alone| alone.attempt.silent_at().is_some())
}

fn took_ms(tracked: &TrackedAttempt) -> f64 {
    let attempt = &tracked.attempt;
    let upgrade = attempt.upgrade.as_ref().and_then(StageResult::duration_ms);
    let stages = [attempt.connect.duration_ms(), attempt.tls.duration_ms(), upgrade, attempt.exchange.duration_ms()];
    stages.into_iter().flatten().sum()
}

/// Whether the connection was ended before an answer.
fn is_cut(tracked: &TrackedAttempt) -> bool {
    let attempt = &tracked.attempt;
    let ended = |ending: &Ending| matches!(ending, Ending::Fin | Ending::Reset | Ending::CloseNotify);
    matches!(attempt.tls.failure(), Some(TlsFailure::Closed { .. } | TlsFailure::Reset { .. }))
        || matches!(failure(attempt.upgrade.as_ref()), Some(UpgradeFailure::Ended(ending)) if ended(ending))
        || matches!(attempt.exchange.failure(), Some(ExchangeFailure::Ended(ending)) if ended(ending))
}

fn is_mute(tracked: &TrackedAttempt) -> bool {
    tracked.attempt.silent_at().is_some()
}

/// Whether the end of the run cut it short: then it shows nothing.
pub(super) fn was_cancelled(attempt: &Attempt) -> bool {
    let cancelled = |outcome| outcome == Outcome::Cancelled;
    cancelled(attempt.connect.outcome())
        || cancelled(attempt.tls.outcome())
        || attempt.upgrade.as_ref().is_some_and(|upgrade| cancelled(upgrade.outcome()))
        || cancelled(attempt.exchange.outcome())
}
