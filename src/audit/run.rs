//! Every target of a plan, several at a time.

use std::{cell::Cell, future::Future, num::NonZeroUsize};

use futures_util::{FutureExt, StreamExt, stream};

use super::{Plan, Planned};
use crate::{Report, SetupError};

/// Something that just happened in an audit.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A target is being tested: its place in the plan.
    Began(usize),
    /// A target was tested: its place in the plan, and what it came to.
    Finished(usize, &'a Report),
    /// A target could not be tested at all.
    Failed(usize, &'a SetupError),
}

/// What an audit came to.
#[derive(Debug)]
pub struct Audited {
    /// In the plan's order. One for each target that was tested, also where the user ended it early.
    pub reports: Vec<Report>,
    /// The targets that could not be tested at all, by their place in the plan.
    pub failures: Vec<(usize, SetupError)>,
}

/// Tests the targets of `plan`, at most `jobs` at a time. Each ends by the deadline of its own settings, all of them soon
/// after `stop` is ready, with whatever was seen by then; the others are then not begun.
///
/// Must run inside a tokio runtime with I/O and time enabled.
pub async fn run(
    plan: &Plan,
    jobs: NonZeroUsize,
    stop: impl Future<Output = ()>,
    happened: &dyn Fn(&Event<'_>),
) -> Audited {
    let stopped = Cell::new(false);
    let stop = stop.inspect(|()| stopped.set(true)).shared();
    // This machine's counters cannot tell one run's packets from another's.
    let alone = jobs.get() == 1 || plan.targets.len() == 1;
    let test = async |(place, planned): (usize, &Planned)| {
        let stop = stop.clone();
        // Asked here too, for the run that would have asked may not have begun.
        if stopped.get() || stop.clone().now_or_never().is_some() {
            return None;
        }
        happened(&Event::Began(place));
        let mut settings = planned.settings.clone();
        settings.counters &= alone;
        let outcome = crate::check(&planned.target, &settings, stop, &|_| ()).await;
        match &outcome {
            Ok(report) => happened(&Event::Finished(place, report)),
            // It is as if it had not been begun.
            Err(SetupError::Interrupted) => return None,
            Err(error) => happened(&Event::Failed(place, error)),
        }
        Some((place, outcome))
    };
    let tested = stream::iter(plan.targets.iter().enumerate()).map(test).buffer_unordered(jobs.get());
    let mut outcomes: Vec<_> = tested.filter_map(std::future::ready).collect().await;
    outcomes.sort_by_key(|(place, _)| *place);
    let mut audited = Audited { reports: Vec::new(), failures: Vec::new() };
    for (place, outcome) in outcomes {
        match outcome {
            Ok(report) => audited.reports.push(report),
            Err(error) => audited.failures.push((place, error)),
        }
    }
    audited
}
