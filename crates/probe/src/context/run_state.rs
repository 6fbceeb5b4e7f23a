//! What a run knows so far. Its attempts record each stage as it ends, and its experiments read that meanwhile.

use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use crate::{
    hub::{Check, Depth, Route, Target},
    net::roots::Roots,
    observation::{
        Answer, Attempt, Experiment, LocalNetwork, Resolution, Snapshot, Stage, TrackedAttempt, Waiting, kind,
    },
};

/// What is known so far, with a notification of every change.
#[derive(Debug)]
pub(crate) struct RunState {
    began: Instant,
    known: Mutex<Known>,
    complete: AtomicBool,
    changed: Notify,
    /// What is known of the way to the proxy, if checks lead through one.
    way_to_proxy: Option<Box<RunState>>,
}

/// What is known. Do not await while it is locked.
#[derive(Debug, Default)]
struct Known {
    snapshot: Snapshot,
    roots: Option<Roots>,
    /// This machine's network, where the lack of one has ended the run.
    network: Option<LocalNetwork>,
    /// Addresses to which a message goes that fills a TCP segment.
    filled: BTreeSet<IpAddr>,
}

/// The index of an attempt in its run, on its route.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AttemptIndex(Route, usize);

impl Known {
    fn on_route(&mut self, route: Route) -> &mut Vec<TrackedAttempt> {
        match route {
            Route::Direct => &mut self.snapshot.attempts,
            Route::Proxy => &mut self.snapshot.proxied,
        }
    }

    fn attempt(&mut self, AttemptIndex(route, at): AttemptIndex) -> Option<&mut TrackedAttempt> {
        self.on_route(route).get_mut(at)
    }
}

impl RunState {
    pub(crate) fn new(depth: Depth) -> Self {
        let known = Known { snapshot: Snapshot { depth, ..Snapshot::default() }, ..Known::default() };
        Self {
            began: Instant::now(),
            known: Mutex::new(known),
            complete: AtomicBool::new(false),
            changed: Notify::new(),
            way_to_proxy: None,
        }
    }

    /// The same for a run of `target`, which may have checks through a proxy.
    pub(crate) fn of(target: &Target, depth: Depth) -> Self {
        let has_proxy = target.checks.iter().any(|check| check.route == Route::Proxy);
        let way_to_proxy = has_proxy.then(|| Box::new(Self::new(Depth::Connect)));
        Self { way_to_proxy, ..Self::new(depth) }
    }

    /// What is known of the way to the proxy, if checks lead through one.
    pub(crate) fn way_to_proxy(&self) -> Option<&Self> {
        self.way_to_proxy.as_deref()
    }

    /// What the name of the hub resolved to, once it is known.
    pub(crate) async fn resolution(&self) -> Resolution {
        loop {
            // Registered before the look, so that no change is missed.
            let changed = self.changed.notified();
            if let Some(resolution) = self.lock().snapshot.resolution.clone() {
                return resolution;
            }
            changed.await;
        }
    }

    /// Time since the run began.
    pub(crate) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// What is known now.
    pub(crate) fn snapshot(&self) -> Snapshot {
        self.lock().snapshot.clone()
    }

    /// How many attempts have ended.
    pub(crate) fn ended_attempts(&self) -> usize {
        self.lock().snapshot.all_attempts().filter(|tracked| tracked.has_ended()).count()
    }

    /// Whether an experiment has got a ServerHello there.
    pub(crate) fn answers_a_hello(&self, peer: SocketAddr) -> bool {
        let known = self.lock();
        let snapshot = &known.snapshot;
        let compared = snapshot.facts::<kind::ServerName>().chain(snapshot.facts::<kind::SegmentSize>());
        let mut there = compared.filter(|hellos| (hellos.address, hellos.port) == (peer.ip(), peer.port()));
        there.any(|hellos| hellos.trials.iter().any(|trial| matches!(trial.answer, Answer::ServerHello { .. })))
    }

    /// The roots, once they are read, which is before the first attempt begins.
    pub(crate) fn roots(&self) -> Option<Roots> {
        self.lock().roots.clone()
    }

    /// This machine's network, where the lack of one has ended the run.
    pub(crate) fn network(&self) -> Option<LocalNetwork> {
        self.lock().network.clone()
    }

    pub(crate) fn set_network(&self, network: LocalNetwork) {
        self.lock().network = Some(network);
    }

    /// Whether every attempt has ended, so that nothing more will be seen but experiments.
    pub(crate) fn is_complete(&self) -> bool {
        self.complete.load(Relaxed)
    }

    /// Sees only changes made after this call. Do not await between reading the state and calling it, or a wake-up is
    /// lost.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// An experiment has ended.
    pub(crate) fn add(&self, experiment: Experiment) {
        self.change(|known| known.snapshot.experiments.push(experiment));
    }

    /// The name servers are being asked for the hub's name, or have answered.
    pub(crate) fn set_asking(&self, asking: bool) {
        self.change(|known| known.snapshot.asking = asking);
    }

    /// The roots are read.
    pub(crate) fn set_roots(&self, roots: &Roots) {
        self.change(|known| known.roots = Some(roots.clone()));
    }

    pub(crate) fn resolved(&self, resolution: &Resolution) {
        self.change(|known| known.snapshot.resolution = Some(resolution.clone()));
    }

    pub(crate) fn complete(&self) {
        self.complete.store(true, Relaxed);
        self.changed.notify_waiters();
    }

    /// An attempt begins with the TCP handshake.
    pub(crate) fn begin(&self, check: &Check, address: IpAddr) -> AttemptIndex {
        let attempt = Attempt::new(address);
        let waits = Some(Waiting { stage: Stage::Connect, since: self.now() });
        self.change(|known| {
            let attempts = known.on_route(check.route);
            attempts.push(TrackedAttempt { check: check.clone(), attempt, waits, fills_a_segment: false });
            AttemptIndex(check.route, attempts.len() - 1)
        })
    }

    /// Lets the first message of an attempt fill a TCP segment, unless another to the same address does.
    pub(crate) fn may_fill(&self, index: AttemptIndex) -> bool {
        self.change(|known| {
            let Some(address) = known.attempt(index).map(|tracked| tracked.attempt.address) else { return false };
            let fills = known.filled.insert(address);
            if let Some(tracked) = known.attempt(index) {
                tracked.fills_a_segment = fills;
            }
            fills
        })
    }

    /// Whether the first message of an attempt fills a TCP segment.
    pub(crate) fn fills(&self, index: AttemptIndex) -> bool {
        self.lock().attempt(index).is_some_and(|tracked| tracked.fills_a_segment)
    }

    /// Records the progress of an attempt, and the stage that it waits for now.
    pub(crate) fn update(&self, index: AttemptIndex, attempt: &Attempt, next: Option<Stage>) {
        let waits = next.map(|stage| Waiting { stage, since: self.now() });
        self.change(|known| {
            if let Some(tracked) = known.attempt(index) {
                (tracked.attempt, tracked.waits) = (attempt.clone(), waits);
            }
        });
    }

    fn change<T>(&self, change: impl FnOnce(&mut Known) -> T) -> T {
        let changed = change(&mut self.lock());
        self.changed.notify_waiters();
        changed
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        // Each change is made whole or not at all: a panic leaves no half-made one.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
