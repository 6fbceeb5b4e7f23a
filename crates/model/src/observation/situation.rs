//! A run halfway: what is known while some of it still waits. From this it is decided which experiments to make.

use std::time::Duration;

use super::{Attempt, Experiment, ExperimentKind, Resolution, Stage};
use crate::hub::{Check, Depth};

/// What is known at one moment of a run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Snapshot {
    /// How far the attempts go.
    pub depth: Depth,
    /// How the name became addresses; `None` while it has not.
    pub resolution: Option<Resolution>,
    /// Whether the name servers are being asked for the hub's name.
    pub asking: bool,
    /// Every attempt begun so far.
    pub attempts: Vec<TrackedAttempt>,
    /// Every experiment ended so far.
    pub experiments: Vec<Experiment>,
}

impl Snapshot {
    /// What the experiments of one kind have shown so far.
    pub fn facts<K: ExperimentKind>(&self) -> impl Iterator<Item = &K::Facts> {
        self.experiments.iter().filter_map(Experiment::facts::<K>)
    }
}

/// One attempt to one address: the first of its check there.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackedAttempt {
    /// What is tested.
    pub check: Check,
    /// What was seen of it so far; a stage that waits reads `not-reached` here.
    pub attempt: Attempt,
    /// What it waits for.
    pub waits: Option<Waiting>,
    /// Whether its first message past TLS fills a TCP segment: one of each address does.
    pub fills_a_segment: bool,
}

/// A stage that has begun and not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Which.
    pub stage: Stage,
    /// When it began, counted from the start of the run.
    pub since: Duration,
}

impl TrackedAttempt {
    /// Whether it came to its end.
    pub fn has_ended(&self) -> bool {
        self.waits.is_none()
    }
}
