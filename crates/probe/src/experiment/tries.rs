//! Several tries, one after another, if one endpoint has had two outcomes: one of several machines behind an address
//! may be dead, or refuse some connections.

use std::{collections::BTreeSet, net::IpAddr, time::Duration};

use futures_util::{StreamExt, stream::FuturesOrdered};
use tokio::time::{Instant, sleep, timeout};

use super::{
    Concurrency, Experiment,
    alone::was_cancelled,
    crowd,
    snapshot_view::{SnapshotView, arrived, endpoint},
};
use crate::{
    attempt::stage_runner::StageRunner,
    context::run_context::RunContext,
    hub::{Check, CheckId, Depth},
    observation::{Attempt, ConnectFailure, Stage, StageResult, TlsFailure, TrackedAttempt, Tries, Try, kind, millis},
};

/// Fewer say little of one in three.
const TRIES: usize = 6;
/// Limits each try: time for three SYNs. Random loss does not take all three; a dead machine does.
const THREE_SYNS_TIMEOUT: Duration = Duration::from_millis(3200);
/// If a try is silent for this long, the next one starts.
const NEXT_TRY_DELAY: Duration = Duration::from_millis(900);
/// Between two tries, so that a device that counts new connections per second does not count these.
const TRY_SPACING: Duration = Duration::from_millis(350);
/// Limits the whole experiment: six tries, each as slow as a stage may be.
const EXPERIMENT_TIMEOUT: Duration = Duration::from_secs(40);
/// Endpoints that are tried.
const MAX_ENDPOINTS: usize = 3;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    check: CheckId,
    address: IpAddr,
    port: u16,
}

impl Experiment for Plan {
    type Facts = Tries;

    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        let mut endpoints = BTreeSet::new();
        let mut addresses_at_ease = BTreeSet::new();
        for tries in view.snapshot.facts::<kind::Tries>() {
            if tries.failures() == 0 {
                addresses_at_ease.insert(tries.address);
            }
        }
        // A device that counts per second counts tries, too.
        let counted = move |tracked: &&TrackedAttempt| match view.snapshot.facts::<kind::Crowd>().next() {
            Some(crowd) => crowd.takes_the_first_alone() && crowd.works_in_turn(),
            None => crowd::is_suspected(view, tracked.attempt.address),
        };
        let two_outcomes = view.ended().filter(move |tracked| has_two_outcomes(view, tracked) && !counted(tracked));
        // Where all tries at an address have arrived, it was the crowd: other ports of it tell no more.
        let wanted = two_outcomes.filter(move |tracked| {
            let peer = endpoint(tracked);
            let known = view.shown::<kind::Tries>(tracked).next().is_some();
            (known || !addresses_at_ease.contains(&peer.ip()))
                && endpoints.insert(peer)
                && endpoints.len() <= MAX_ENDPOINTS
        });
        wanted.map(|tracked| Self {
            check: tracked.check.id.clone(),
            address: tracked.attempt.address,
            port: tracked.check.endpoint.port,
        })
    }

    fn concurrency(&self, _: SnapshotView<'_>) -> Concurrency {
        Concurrency::Alone
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<Tries> {
        let roots = context.state.roots()?;
        let check = context.target.checks.iter().find(|known| known.id == self.check)?;
        let runner = StageRunner::new(context, &roots);
        let depth = context.settings.depth;
        let mut tries = Vec::new();
        // Results up to the timeout count.
        let _ = context.control.within(EXPERIMENT_TIMEOUT, self.look(&runner, check, depth, &mut tries)).await;
        let Self { check, address, port } = self.clone();
        (!tries.is_empty()).then_some(Tries { check, address, port, tries })
    }
}

impl Plan {
    async fn look(&self, runner: &StageRunner<'_>, check: &Check, depth: Depth, tries: &mut Vec<Try>) {
        let mut silent = FuturesOrdered::new();
        for _ in 0..TRIES {
            let mut one = Box::pin(async {
                let began = Instant::now();
                let attempt = runner.attempt_alone(check, self.address, THREE_SYNS_TIMEOUT).await;
                let failed_at = if attempt.has_arrived(depth) { None } else { Some(failed_at(&attempt)) };
                let connects = !matches!(attempt.connect.failure(), Some(ConnectFailure::TimedOut { .. }));
                let answered = connects && attempt.silent_at().is_none();
                let one = Try { failed_at, answered, duration_ms: millis(began.elapsed()) };
                (!was_cancelled(&attempt)).then_some(one)
            });
            match timeout(NEXT_TRY_DELAY, &mut one).await {
                Ok(one) => tries.extend(one),
                Err(_) => silent.push_back(one),
            }
            sleep(TRY_SPACING).await;
        }
        while let Some(one) = silent.next().await {
            tries.extend(one);
        }
    }
}

fn failed_at(attempt: &Attempt) -> Stage {
    match attempt {
        Attempt { connect, .. } if !connect.is_ok() => Stage::Connect,
        Attempt { tls, .. } if !tls.is_ok() => Stage::Tls,
        Attempt { upgrade: Some(upgrade), .. } if !upgrade.is_ok() => Stage::Upgrade,
        _ => Stage::Exchange,
    }
}

/// Whether an attempt ended otherwise than the same look at the same port: when it was made again alone, on its own second
/// connection, or in another check; or may have, where another port of the address has.
fn has_two_outcomes(view: SnapshotView<'_>, tracked: &TrackedAttempt) -> bool {
    if let StageResult::Ok { evidence, .. } = &tracked.attempt.connect
        && arrived(tracked, view.snapshot)
    {
        // One connection was never answered, and another was at once.
        return evidence.hedged && quick_elsewhere(view, tracked);
    }
    if shows_another_face(view, tracked) {
        return true;
    }
    let connects = tracked.attempt.connect.is_ok();
    let at_address = |tries: &&Tries| tries.address == tracked.attempt.address;
    let is_silent = matches!(tracked.attempt.connect.failure(), Some(ConnectFailure::TimedOut { .. }));
    // If one machine behind the address is dead, a silent port may have met that one.
    if is_silent && view.snapshot.facts::<kind::Tries>().filter(at_address).any(Tries::are_mixed) {
        return true;
    }
    let other_check = |other: &TrackedAttempt| endpoint(other) == endpoint(tracked) && other.attempt.connect.is_ok();
    let contradicted = !connects && view.ended().any(other_check);
    let alone = view.shown::<kind::Alone>(tracked).any(|alone| {
        let attempt = &alone.attempt;
        attempt.has_arrived(view.snapshot.depth) || (!connects && attempt.connect.is_ok())
    });
    contradicted || alone
}

/// Whether TLS failed, or showed a certificate that is not accepted, though another connection met the hub there: of several machines
/// behind one address, one may have an old certificate, or none.
fn shows_another_face(view: SnapshotView<'_>, tracked: &TrackedAttempt) -> bool {
    let attempt = &tracked.attempt;
    if attempt.tls.failure().is_none() || attempt.silent_at().is_some() {
        return false;
    }
    let is_refused = matches!(attempt.tls.failure(), Some(TlsFailure::NotAccepted));
    view.ended().any(|other| {
        // What reads the application protocol may choose by it.
        let is_alike = other.check.endpoint.alpn == tracked.check.endpoint.alpn;
        let is_there = endpoint(other) == endpoint(tracked) || is_refused && other.attempt.address == attempt.address;
        is_alike && is_there && other.attempt.shows_the_hub()
    })
}

/// Whether the address answered another connection of the run within a second: the link loses little.
fn quick_elsewhere(view: SnapshotView<'_>, tracked: &TrackedAttempt) -> bool {
    let address = tracked.attempt.address;
    view.ended().any(|other| {
        let connect = &other.attempt.connect;
        let at_once = connect.success().is_some_and(|evidence| evidence.retransmits == Some(0) && !evidence.hedged);
        other.attempt.address == address && at_once && connect.duration_ms().is_some_and(|took_ms| took_ms < 1000.0)
    })
}
