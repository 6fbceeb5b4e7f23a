//! What every experiment says of itself.

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

    /// Beside what it may be made.
    fn concurrency(&self, _view: SnapshotView<'_>) -> Concurrency {
        Concurrency::Any
    }

    /// Makes it; `None` where it could not even begin.
    async fn perform(&self, context: &RunContext<'_>) -> Option<Self::Facts>;
}

/// What may be under way while an experiment is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Concurrency {
    /// Makes an attempt, and any other experiment.
    Any,
    /// Others that ask for the same, once all else has ended.
    SameKind,
    /// Nothing, once all else has ended.
    Alone,
    /// Nothing, and no experiment before it: what those send counts as a connection where connections are counted.
    AloneFirst,
}
