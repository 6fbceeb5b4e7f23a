//! Where on the path a port is stopped: SYNs with few hops, to the port that fails and to one that works, side by side.
//! Begun while a connect still waits, so that a run takes no longer for it.

use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use super::{
    Experiment, reference_port,
    snapshot_view::{NOTEWORTHY_WAIT, SnapshotView, endpoint},
};
use crate::{
    context::run_context::RunContext,
    net::{
        os,
        path::{CONTROL_DELAY, PathTracer, Until, patience},
    },
    observation::{ConnectFailure, Identity, Path, ProbeAnswer, Snapshot, Stage, TlsFailure, TrackedAttempt},
};

/// Limits one experiment. It takes some two seconds if a port is silent, a few round trips otherwise.
const EXPERIMENT_TIMEOUT: Duration = Duration::from_millis(3500);
/// Limits the addresses whose ports are traced: the path to others is the same.
const MAX_ADDRESSES: usize = 4;
/// Limits the wait for each answer if the port itself is known to be rejected: only the distance is missing.
const REJECTED_PORT_TIMEOUT: Duration = Duration::from_millis(400);
/// The port that works most often.
const HTTPS_PORT: u16 = 443;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    pub(super) failing: SocketAddr,
}

impl Experiment for Plan {
    type Facts = Path;

    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        let mut addresses: Vec<IpAddr> = Vec::new();
        for TrackedAttempt { attempt, .. } in &view.snapshot.attempts {
            if !addresses.contains(&attempt.address) && addresses.len() < MAX_ADDRESSES {
                addresses.push(attempt.address);
            }
        }
        let stopped = view.snapshot.attempts.iter().filter(move |tracked| {
            let address = tracked.attempt.address;
            let may_be = addresses.contains(&address) && !address.is_loopback() && is_stopped(view, tracked);
            may_be && is_quiet(view, address.is_ipv6()) && !reference_port::is_awaited(view, address)
        });
        let (rejected, silent): (Vec<&TrackedAttempt>, Vec<&TrackedAttempt>) =
            stopped.partition(|tracked| rejecter(tracked).is_some());
        // Of an address of which no port answers, other packets than SYNs have to show the path.
        let some_are_rejected = |address: IpAddr| rejected.iter().any(|tracked| tracked.attempt.address == address);
        let silent: Vec<&TrackedAttempt> = silent
            .into_iter()
            .filter(|tracked| {
                let address = tracked.attempt.address;
                some_are_rejected(address) || !has_no_reference(view, address)
            })
            .collect();
        // A router that rejects several ports of an address is at one hop.
        let mut rejecters = BTreeSet::new();
        let rejected =
            rejected.into_iter().filter(|tracked| rejecters.insert((tracked.attempt.address, rejecter(tracked))));
        let endpoints: BTreeSet<SocketAddr> = rejected.chain(silent).map(endpoint).collect();
        endpoints.into_iter().map(|failing| Self { failing })
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<Path> {
        if !os::traces_syns() {
            return None;
        }
        let snapshot = context.state.snapshot();
        let reference = reference(&snapshot, self.failing);
        // The ICMP error has named the router; only its distance is missing.
        let rejected =
            snapshot.attempts.iter().any(|tracked| endpoint(tracked) == self.failing && rejecter(tracked).is_some());
        let (began, patience) = (
            Instant::now(),
            if rejected { REJECTED_PORT_TIMEOUT } else { patience(reference.and_then(|(_, took)| took)) },
        );
        let mut failing = PathTracer::new(self.failing, patience, began);
        let mut reference = reference.map(|(peer, _)| PathTracer::new(peer, patience, began));
        let compare = async {
            match &mut reference {
                Some(reference) => compare(&mut failing, reference).await,
                None => explore(&mut failing, rejected).await,
            }
            // A middlebox, or a router that resets the TTL of every packet.
            let is_near = failing.arrival() == Some(1) && os::on_link(self.failing.ip()) == Some(false);
            if is_near && failing.answer_ttl().is_none() {
                failing.measure_answers().await;
            }
        };
        // Results up to the timeout count.
        let _ = context.control.within(EXPERIMENT_TIMEOUT, compare).await;
        let failing = failing.into_trace();
        Some(Path { on_link: os::on_link(failing.address), failing, reference: reference.map(PathTracer::into_trace) })
    }
}

/// Whether nothing that works can be compared with the ports of an address.
pub(super) fn has_no_reference(view: SnapshotView<'_>, address: IpAddr) -> bool {
    let attempts = view.snapshot.attempts.iter().filter(|tracked| tracked.attempt.address == address);
    attempts.map(endpoint).all(|failing| reference(view.snapshot, failing).is_none())
}

/// Whether an attempt is stopped by silence or a reset, which leave open by whom.
pub(super) fn is_stopped_without_a_word(view: SnapshotView<'_>, tracked: &TrackedAttempt) -> bool {
    let family = tracked.attempt.address.is_ipv6();
    !tracked.attempt.address.is_loopback()
        && is_quiet(view, family)
        && rejecter(tracked).is_none()
        && !tracked.attempt.connect.is_ok()
        && is_stopped(view, tracked)
}

/// Who rejected an attempt by an ICMP error.
fn rejecter(tracked: &TrackedAttempt) -> Option<IpAddr> {
    match tracked.attempt.connect.failure() {
        Some(ConnectFailure::Icmp { offender, .. }) => *offender,
        _ => None,
    }
}

/// Whether no handshake has just begun: routers rate-limit ICMP, and an experiment must not use up the errors that an
/// attempt needs.
fn is_quiet(view: SnapshotView<'_>, v6: bool) -> bool {
    let family = view.snapshot.attempts.iter().filter(|tracked| tracked.attempt.address.is_ipv6() == v6);
    family.filter_map(|tracked| view.waits_at(tracked, Stage::Connect)).all(|waited| waited >= NOTEWORTHY_WAIT)
}

/// Whether something between here and the hub may be what stops it.
fn is_stopped(view: SnapshotView<'_>, tracked: &TrackedAttempt) -> bool {
    match tracked.attempt.connect.failure() {
        Some(ConnectFailure::Icmp { from_this_machine, .. }) => !from_this_machine,
        Some(failure) => failure.is_without_a_word(),
        None => view.waits_for_its_handshake(tracked) || leads_nowhere(view, tracked),
    }
}

/// A handshake that leads nowhere may have been made by a box on the path.
fn leads_nowhere(view: SnapshotView<'_>, tracked: &TrackedAttempt) -> bool {
    view.waits_long(tracked, Stage::Tls)
        || matches!(
            tracked.attempt.tls.failure(),
            Some(
                TlsFailure::NotTls { .. }
                    | TlsFailure::TimedOut { bytes_received: 0, .. }
                    | TlsFailure::Closed { bytes_received: 0 }
                    | TlsFailure::Reset { bytes_received: 0 }
            )
        )
}

/// The reference comes first and last: its answers show that those of the failing port could have come too.
async fn compare(failing: &mut PathTracer, reference: &mut PathTracer) {
    reference.explore(1, Until::Answer).await;
    let arrival = reference.arrival().unwrap_or_default();
    failing.explore(1, Until::Silence { at_least: arrival }).await;
    if failing.is_rejected() {
        // What is left is to see how far away the hub is, twice.
        return reference.repeat(2, [arrival]).await;
    }
    tokio::join!(failing.repeat(2, 1..=end(failing).max(arrival)), later(reference.repeat(2, 1..=arrival)));
    // By now, routers that rate-limit ICMP answer again.
    let (gaps, corroborates) = (failing.gaps(end(failing).min(arrival), 1), reference.gaps(arrival, 2));
    tokio::join!(failing.repeat(3, gaps), later(reference.repeat(3, corroborates)));
    if failing.has_answer(&ProbeAnswer::Reset) && reference.has_answer(&ProbeAnswer::SynAck) {
        tokio::join!(failing.measure_answers(), reference.measure_answers());
    }
}

async fn explore(failing: &mut PathTracer, rejected: bool) {
    failing.explore(1, Until::Silence { at_least: 0 }).await;
    if !rejected {
        failing.repeat(2, 1..=end(failing)).await;
    }
}

/// Where the path was answered last, or the first hop that was not.
fn end(tracer: &PathTracer) -> u8 {
    tracer.arrival().unwrap_or(tracer.last_router().saturating_add(1))
}

async fn later(work: impl Future<Output = ()>) {
    tokio::time::sleep(CONTROL_DELAY).await;
    work.await;
}

/// A port that completes the handshake, and how long that took: of the same address if there is one, else the same of another;
/// rather one where the hub is known to answer, rather one whose TLS is up, rather the web's. Where none that is checked does,
/// the one that was opened to compare with.
fn reference(snapshot: &Snapshot, failing: SocketAddr) -> Option<(SocketAddr, Option<Duration>)> {
    let others = snapshot.attempts.iter().filter(|tracked| {
        let address = tracked.attempt.address;
        let comparable = address == failing.ip() || tracked.check.endpoint.port == failing.port();
        tracked.attempt.connect.is_ok()
            && endpoint(tracked) != failing
            && address.is_ipv6() == failing.is_ipv6()
            && comparable
    });
    let checked = others.min_by_key(|tracked| {
        let TrackedAttempt { check, attempt, .. } = tracked;
        let trust = attempt.tls.evidence().and_then(|tls| tls.trust.as_ref());
        let is_the_hub = trust.is_some_and(|trust| matches!(trust.identity, Identity::Proven | Identity::Trusted));
        let is_up = attempt.tls.is_ok();
        (attempt.address != failing.ip(), !(is_the_hub && is_up), !is_up, check.endpoint.port != HTTPS_PORT)
    });
    let opened = || reference_port::opened(snapshot, failing.ip()).map(|(peer, took)| (peer, Some(took)));
    checked.map(|tracked| (endpoint(tracked), round_trip(tracked))).or_else(opened)
}

fn round_trip(tracked: &TrackedAttempt) -> Option<Duration> {
    Duration::try_from_secs_f64(tracked.attempt.connect.duration_ms()? / 1000.0).ok()
}
