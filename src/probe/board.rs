//! Where the attempts of a run write what they see as they see it, for the experiments to read meanwhile.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use super::roots::Roots;
use crate::{
    hub::{Check, Depth},
    observation::{
        Answer, Attempt, Experiment, LocalNetwork, Resolution, Situation, Stage, StageResult, TrackedAttempt, Waiting,
        kind,
    },
};

/// What is known so far, and word of every change.
#[derive(Debug)]
pub(crate) struct Board {
    began: Instant,
    situation: RefCell<Situation>,
    roots: RefCell<Option<Roots>>,
    /// This machine's network, where the lack of one has ended the run.
    pub(super) network: RefCell<Option<LocalNetwork>>,
    complete: Cell<bool>,
    changed: Notify,
    /// Addresses to which a message goes that fills a TCP segment.
    filled: RefCell<BTreeSet<IpAddr>>,
}

/// An attempt's place on the board.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place(usize);

impl Board {
    pub(super) fn new(depth: Depth) -> Self {
        Self {
            began: Instant::now(),
            situation: RefCell::new(Situation { depth, ..Situation::default() }),
            roots: RefCell::default(),
            network: RefCell::default(),
            complete: Cell::new(false),
            changed: Notify::new(),
            filled: RefCell::default(),
        }
    }

    /// Time since the run began.
    pub(crate) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// What is known now.
    pub(crate) fn situation(&self) -> Situation {
        self.situation.borrow().clone()
    }

    /// Whether an experiment has got a ServerHello there.
    pub(super) fn answers_a_hello(&self, peer: SocketAddr) -> bool {
        let situation = self.situation.borrow();
        let compared = situation.facts::<kind::ServerName>().chain(situation.facts::<kind::SegmentSize>());
        let mut there = compared.filter(|hellos| (hellos.address, hellos.port) == (peer.ip(), peer.port()));
        there.any(|hellos| hellos.trials.iter().any(|trial| matches!(trial.answer, Answer::ServerHello { .. })))
    }

    /// The roots, once they are read, which is before the first attempt begins.
    pub(crate) fn roots(&self) -> Option<Roots> {
        self.roots.borrow().clone()
    }

    /// Whether every attempt has ended, so that nothing more will be seen but experiments.
    pub(crate) fn is_complete(&self) -> bool {
        self.complete.get()
    }

    /// Waits for the next change: of the time from this call on, so that nothing may be waited for between a look and it.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// An experiment has ended.
    pub(crate) fn add(&self, experiment: Experiment) {
        self.change(|situation| situation.experiments.push(experiment));
    }

    /// The name servers are being asked for the hub's name, or have answered.
    pub(super) fn set_asking(&self, asking: bool) {
        self.change(|situation| situation.asking = asking);
    }

    pub(super) fn resolved(&self, resolution: &Resolution, roots: &Roots) {
        self.roots.replace(Some(roots.clone()));
        self.change(|situation| situation.resolution = Some(resolution.clone()));
    }

    pub(super) fn complete(&self) {
        self.complete.set(true);
        self.changed.notify_waiters();
    }

    /// An attempt begins with the TCP handshake.
    pub(super) fn begin(&self, check: &Check, address: IpAddr) -> Place {
        let attempt = Attempt {
            address,
            connect: StageResult::NotReached,
            tls: StageResult::NotReached,
            upgrade: None,
            exchange: StageResult::NotReached,
        };
        let waits = Some(Waiting { stage: Stage::Connect, since: self.now() });
        let mut place = Place(0);
        self.change(|situation| {
            place = Place(situation.attempts.len());
            situation.attempts.push(TrackedAttempt { check: check.clone(), attempt, waits, fills_a_segment: false });
        });
        place
    }

    /// Lets the first message of an attempt fill a TCP segment, unless another to the same address does.
    pub(super) fn may_fill(&self, place: Place) -> bool {
        let mut fills = false;
        self.change(|situation| {
            if let Some(tracked) = situation.attempts.get_mut(place.0) {
                fills = self.filled.borrow_mut().insert(tracked.attempt.address);
                tracked.fills_a_segment = fills;
            }
        });
        fills
    }

    /// Whether the first message of an attempt fills a TCP segment.
    pub(super) fn fills(&self, place: Place) -> bool {
        self.situation.borrow().attempts.get(place.0).is_some_and(|tracked| tracked.fills_a_segment)
    }

    /// An attempt got on: what it has seen, and which stage it waits for now.
    pub(super) fn update(&self, place: Place, attempt: &Attempt, next: Option<Stage>) {
        let waits = next.map(|stage| Waiting { stage, since: self.now() });
        self.change(|situation| {
            if let Some(tracked) = situation.attempts.get_mut(place.0) {
                (tracked.attempt, tracked.waits) = (attempt.clone(), waits);
            }
        });
    }

    fn change(&self, change: impl FnOnce(&mut Situation)) {
        change(&mut self.situation.borrow_mut());
        self.changed.notify_waiters();
    }
}
