//! What is known at one moment, as the experiments look at it.

use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use crate::{
    hub::CheckId,
    observation::{
        ConnectEvidence, ExperimentKind, Facts, Outcome, Resolution, ResolutionSource, Snapshot, Stage, StageResult,
        Subject, TlsFailure, TrackedAttempt,
    },
};

/// A stage that waits for longer than this and two round trips is noteworthy: TLS 1.2 takes two.
pub(super) const NOTEWORTHY_WAIT: Duration = Duration::from_secs(1);

/// While bytes arrive at shorter intervals, the link is busy, and the traffic of experiments would be in the way.
const QUIET_TIME: Duration = Duration::from_millis(700);

/// Linux may repeat a SYN this much late.
const SYN_TIMER_TOLERANCE: Duration = Duration::from_millis(120);

/// A lookup that takes longer is slow, no matter which server answers.
const SLOW_LOOKUP_MS: f64 = 2000.0;

/// The snapshot at a time since the run began.
#[derive(Clone, Copy)]
pub(super) struct SnapshotView<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) now: Duration,
    /// For how long nothing has come on any connection of the attempts.
    pub(super) still: Duration,
    /// Whether the user asks for a larger hello where all is well.
    pub(super) large_hello: bool,
    /// Whether the user asks for what devices need besides the hub.
    pub(super) companions: bool,
}

impl<'a> SnapshotView<'a> {
    /// The first addresses of each family that are tried, at most `most`, IPv4 first.
    pub(super) fn addresses_of_each_family(self, most: usize) -> impl Iterator<Item = IpAddr> {
        let all: BTreeSet<IpAddr> = self.snapshot.attempts.iter().map(|tracked| tracked.attempt.address).collect();
        let (v6, v4): (Vec<_>, Vec<_>) = all.into_iter().partition(IpAddr::is_ipv6);
        v4.into_iter().take(most).chain(v6.into_iter().take(most))
    }

    /// Every attempt that has ended.
    pub(super) fn ended(self) -> impl Iterator<Item = &'a TrackedAttempt> {
        self.snapshot.attempts.iter().filter(|tracked| tracked.has_ended())
    }

    /// What experiments of one kind have shown of an attempt so far.
    pub(super) fn shown<K: ExperimentKind>(self, tracked: &'a TrackedAttempt) -> impl Iterator<Item = &'a K::Facts> {
        let TrackedAttempt { check, attempt, .. } = tracked;
        let subject = Subject { check: &check.id, address: attempt.address, port: check.endpoint.port };
        let of_kind = self.snapshot.facts::<K>();
        of_kind.filter(move |facts| facts.concern(subject))
    }

    /// Whether something is not as in a healthy run: the name did not resolve, or a check arrives at none of its addresses and
    /// has ended there, or waited for longer than a slow link explains.
    pub(super) fn is_failing(self) -> bool {
        let Some(resolution) = &self.snapshot.resolution else { return false };
        let attempts = &self.snapshot.attempts;
        let fails = |check: &CheckId| {
            attempts.iter().filter(|tracked| tracked.check.id == *check).all(|tracked| self.is_in_trouble(tracked))
        };
        resolution.outcome == Outcome::Failed || attempts.iter().any(|tracked| fails(&tracked.check.id))
    }

    fn is_in_trouble(self, tracked: &TrackedAttempt) -> bool {
        let waits =
            [Stage::Tls, Stage::Upgrade, Stage::Exchange].into_iter().any(|stage| self.waits_long(tracked, stage));
        let ended = tracked.has_ended() && !arrived(tracked, self.snapshot) && !wants_a_client_certificate(tracked);
        ended || waits || self.waits_for_its_handshake(tracked)
    }

    /// Whether no attempt gets on any more: each has ended, or waited for longer than a slow link explains.
    pub(super) fn all_have_stopped(self) -> bool {
        self.snapshot.attempts.iter().all(|tracked| tracked.has_ended() || self.is_in_trouble(tracked))
    }

    /// Whether an attempt may lack its SYN-ACK because of other attempts: some to its address were answered only later,
    /// and some at once. Those that wait will be answered, unless experiments take their turn.
    pub(super) fn suspects_the_crowd(self) -> bool {
        let attempts = &self.snapshot.attempts;
        attempts.iter().filter(|tracked| self.waits_at(tracked, Stage::Connect).is_some()).any(|tracked| {
            let siblings = attempts.iter().filter(|other| other.attempt.address == tracked.attempt.address);
            let mut late =
                siblings.filter_map(|other| other.attempt.connect.success()).map(ConnectEvidence::was_sent_again);
            let first = late.next();
            first.is_some_and(|first| late.any(|other| other != first))
        })
    }

    /// Whether the system's resolver took long: the name servers had answered questions of our own before it, or it needed
    /// seconds.
    pub(super) fn was_slow_to_resolve(self) -> bool {
        let took_long = |resolution: &Resolution| match resolution.source {
            ResolutionSource::OwnQueries => true,
            ResolutionSource::System => resolution.duration_ms.is_some_and(|took_ms| took_ms >= SLOW_LOOKUP_MS),
            ResolutionSource::NamedServers => false,
        };
        let resolution = self.snapshot.resolution.as_ref();
        resolution.is_some_and(|resolution| resolution.outcome == Outcome::Ok && took_long(resolution))
    }

    /// Whether an attempt has waited for its TCP handshake for longer than a slow or lossy link explains: by then a SYN was
    /// sent twice at least. Where no other port of the address answered, nothing tells how slow the link is.
    pub(super) fn waits_for_its_handshake(self, tracked: &TrackedAttempt) -> bool {
        let Some(waited) = self.waits_at(tracked, Stage::Connect) else { return false };
        let siblings = self.snapshot.attempts.iter().filter(|other| other.attempt.address == tracked.attempt.address);
        let round_trips = siblings.filter(|other| other.attempt.connect.is_ok());
        let round_trip = round_trips.filter_map(|other| other.attempt.connect.duration_ms()).min_by(f64::total_cmp);
        let patience = match round_trip {
            Some(millis) => {
                NOTEWORTHY_WAIT
                    + SYN_TIMER_TOLERANCE
                    + Duration::try_from_secs_f64(millis.max(0.0) * 4.0 / 1000.0).unwrap_or_default()
            }
            None => NOTEWORTHY_WAIT * 2,
        };
        waited >= patience && self.still >= QUIET_TIME
    }

    /// Whether an attempt has waited at `stage` for longer than a slow link explains.
    pub(super) fn waits_long(self, tracked: &TrackedAttempt, stage: Stage) -> bool {
        let patience = NOTEWORTHY_WAIT + self.round_trip_to(tracked) * 2;
        self.waits_at(tracked, stage).is_some_and(|waited| waited.min(self.still) >= patience)
    }

    /// How long an answer of an attempt's address takes: as long as its own TCP handshake took, or half as long as the slowest TLS
    /// handshake there, for on a narrow link all that is sent at once waits in one queue.
    fn round_trip_to(self, tracked: &TrackedAttempt) -> Duration {
        let there = self.snapshot.attempts.iter().filter(|other| other.attempt.address == tracked.attempt.address);
        let handshakes =
            there.filter(|other| other.attempt.tls.is_ok()).filter_map(|other| other.attempt.tls.duration_ms());
        let own = tracked.attempt.connect.duration_ms().unwrap_or_default();
        let millis = handshakes.map(|took_ms| took_ms / 2.0).fold(own, f64::max);
        Duration::try_from_secs_f64(millis.max(0.0) / 1000.0).unwrap_or_default()
    }

    /// For how long an attempt has waited at `stage`, if that is where it waits.
    pub(super) fn waits_at(self, tracked: &TrackedAttempt, stage: Stage) -> Option<Duration> {
        let waits = tracked.waits.filter(|waits| waits.stage == stage)?;
        Some(self.now.saturating_sub(waits.since))
    }
}

/// Whether a name was looked up at all, rather than an address given.
pub(super) fn is_by_name(view: SnapshotView<'_>) -> bool {
    let resolution = view.snapshot.resolution.as_ref();
    resolution.is_some_and(|resolution| matches!(resolution.outcome, Outcome::Ok | Outcome::Failed))
}

/// Whether the system's own resolver was asked for the name.
pub(super) fn looks_up_the_name(view: SnapshotView<'_>) -> bool {
    let resolution = view.snapshot.resolution.as_ref();
    is_by_name(view) && resolution.is_some_and(|resolution| resolution.source != ResolutionSource::NamedServers)
}

/// Whether the hub itself has shown itself, and insists on a device's certificate: nothing is wrong with that.
fn wants_a_client_certificate(tracked: &TrackedAttempt) -> bool {
    let requested = tracked.attempt.tls.evidence().is_some_and(|tls| tls.client_certificate_requested);
    requested && tracked.attempt.shows_the_hub()
}

/// Where an attempt leads.
pub(super) fn endpoint(tracked: &TrackedAttempt) -> SocketAddr {
    SocketAddr::new(tracked.attempt.address, tracked.check.endpoint.port)
}

/// Whether an attempt got as far as was asked.
pub(super) fn arrived(tracked: &TrackedAttempt, snapshot: &Snapshot) -> bool {
    tracked.attempt.has_arrived(snapshot.depth)
}

/// How a stage of an attempt failed, if it did.
pub(super) fn failure<E, F>(stage_result: Option<&StageResult<E, F>>) -> Option<&F> {
    stage_result.and_then(StageResult::failure)
}

/// Whether an attempt stands still, or was ended, between the TCP handshake and the peer's certificate.
pub(super) fn is_stopped_by_hello(view: SnapshotView<'_>, tracked: &TrackedAttempt) -> bool {
    let before_the_certificate = tracked.attempt.tls.evidence().is_none_or(|tls| tls.chain.is_empty());
    let stopped = match tracked.attempt.tls.failure() {
        None => false,
        Some(failure) => matches!(
            failure,
            TlsFailure::TimedOut { .. }
                | TlsFailure::Closed { .. }
                | TlsFailure::Reset { .. }
                | TlsFailure::Alert { .. }
        ),
    };
    (stopped && before_the_certificate) || view.waits_long(tracked, Stage::Tls)
}
