//! The contract of an experiment.

use std::{fmt::Debug, hash::Hash};

use super::snapshot_view::SnapshotView;
use crate::{context::run_context::RunContext, observation::Facts};

/// One way to tell causes apart: the type holds what one experiment of it measures. Each file has one, called `Plan`.
pub(super) trait Experiment: Debug + Clone + Eq + Hash {
    /// What it records.
    type Facts: Facts;

    /// Where it would tell causes apart, given what is known. Pure: the same view wants the same experiments, and each is
    /// made once a run.
    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self>;

    /// What may run at the same time.
    fn concurrency(&self, _view: SnapshotView<'_>) -> Concurrency {
        Concurrency::Any
    }

    /// Runs it; `None` if it could not even start.
    async fn perform(&self, context: &RunContext<'_>) -> Option<Self::Facts>;
}

/// What may run at the same time as an experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Concurrency {
    /// Attempts, and any other experiment.
    Any,
    /// Others that require the same, once everything else has ended.
    SameKind,
    /// Nothing, once everything else has ended.
    Alone,
    /// Nothing, and no experiment before it: a device that counts connections would count theirs.
    AloneFirst,
}
