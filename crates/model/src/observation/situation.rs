//! A run in progress: what is known while some of it still waits. It decides which experiments to make.

use std::time::Duration;

use super::{Attempt, Experiment, ExperimentKind, Resolution, Stage};
use crate::hub::{Check, Depth};

/// What is known at one moment of a run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Snapshot {
    /// How far the attempts go.
    pub depth: Depth,
    /// How the name became addresses; `None` until then.
    pub resolution: Option<Resolution>,
    /// Whether the name servers are being asked for the hub's name.
    pub asking: bool,
    /// Every attempt started so far on the direct route.
    pub attempts: Vec<TrackedAttempt>,
    /// Every attempt started so far through the proxy.
    pub proxied: Vec<TrackedAttempt>,
    /// Every experiment completed so far.
    pub experiments: Vec<Experiment>,
}

impl Snapshot {
    /// Every attempt started so far, on both routes.
    pub fn all_attempts(&self) -> impl Iterator<Item = &TrackedAttempt> {
        self.attempts.iter().chain(&self.proxied)
    }

    /// What the experiments of one kind have shown so far.
    pub fn facts<K: ExperimentKind>(&self) -> impl Iterator<Item = &K::Facts> {
        self.experiments.iter().filter_map(Experiment::facts::<K>)
    }
}

/// The first attempt of a check to an address.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackedAttempt {
    /// What is tested.
    pub check: Check,
    /// Its observations so far; a waiting stage is `not-reached` here.
    pub attempt: Attempt,
    /// What it waits for.
    pub waits: Option<Waiting>,
    /// Whether its first message after TLS fills a TCP segment: true for one per address.
    pub fills_a_segment: bool,
}

/// A stage in progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// The stage.
    pub stage: Stage,
    /// When it began, from the start of the run.
    pub since: Duration,
}

impl TrackedAttempt {
    /// Whether it ended.
    pub fn has_ended(&self) -> bool {
        self.waits.is_none()
    }
}
