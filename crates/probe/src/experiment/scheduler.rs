//! Runs each experiment as soon as it is wanted, and its [`Concurrency`] allows it.

use std::{collections::HashSet, time::Duration};

use futures_util::{StreamExt, stream::FuturesUnordered};

use super::{ExperimentPlan, contract::Concurrency, snapshot_view::SnapshotView, wanted};
use crate::{
    context::{event::Event, run_context::RunContext},
    observation::{self, ExperimentRecord, Snapshot, TrackedAttempt, millis},
};

/// How often waiting attempts are examined: a long wait is an observation, too.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Watches the attempts and makes every experiment that is wanted, until all of both have ended.
pub(crate) async fn run_experiments(context: &RunContext<'_>) {
    if !context.settings.experiments {
        return;
    }
    let mut begun = HashSet::new();
    let mut running = FuturesUnordered::new();
    let mut is_quiet = false;
    loop {
        // Read before the snapshot, so that the snapshot includes the last changes.
        let complete = context.state.is_complete();
        let snapshot = context.state.snapshot();
        let view = SnapshotView {
            snapshot: &snapshot,
            now: context.state.now(),
            still: context.control.transfer().last().elapsed(),
            large_hello: context.settings.large_hello,
            companions: context.settings.companions,
        };
        let new: Vec<ExperimentPlan> = match context.control.is_over() {
            true => Vec::new(),
            false => {
                // An attempt that works alone needs no experiment, except about the crowd.
                let settled = settled(&snapshot);
                let others = wanted(SnapshotView { snapshot: &settled, ..view }).into_iter();
                let of_the_crowd = wanted(view).into_iter().filter(|plan| plan.concurrency(view) != Concurrency::Any);
                let others = others.filter(|plan| plan.concurrency(view) == Concurrency::Any);
                of_the_crowd.chain(others).filter(|plan| !begun.contains(plan)).collect()
            }
        };
        let (mut next, quiet): (Vec<_>, Vec<_>) =
            new.into_iter().partition(|plan| plan.concurrency(view) == Concurrency::Any);
        is_quiet &= !running.is_empty();
        let one_comes_first =
            running.is_empty() && quiet.iter().any(|plan| plan.concurrency(view) == Concurrency::AloneFirst);
        if is_quiet || one_comes_first || view.suspects_the_crowd() {
            next.clear();
        }
        if running.is_empty() && next.is_empty() {
            next = alone(view, quiet, complete);
            is_quiet = !next.is_empty();
            if complete && next.is_empty() {
                return;
            }
        }
        for plan in next {
            if begun.insert(plan.clone()) {
                running.push(Box::pin(make(context, plan)));
            }
        }
        tokio::select! {
            () = context.state.changed() => {}
            Some(()) = running.next() => {}
            () = tokio::time::sleep(POLL_INTERVAL), if !complete => {}
        }
    }
}

/// The snapshot in which results of attempts made alone replace those made in a crowd.
fn settled(snapshot: &Snapshot) -> Snapshot {
    let mut settled = snapshot.clone();
    for alone in snapshot.facts::<observation::kind::Alone>() {
        let of_it = |tracked: &&mut TrackedAttempt| {
            tracked.check.id == alone.check && tracked.attempt.address == alone.attempt.address
        };
        if alone.attempt.has_arrived(snapshot.depth)
            && let Some(tracked) = settled.attempts.iter_mut().find(of_it)
        {
            tracked.attempt = (*alone.attempt).clone();
        }
    }
    settled
}

/// Which of those that need quiet may run now: all that may run together, else the first.
fn alone(view: SnapshotView<'_>, quiet: Vec<ExperimentPlan>, complete: bool) -> Vec<ExperimentPlan> {
    let all_have_stopped = view.all_have_stopped();
    let may = |plan: &ExperimentPlan| match plan.concurrency(view) {
        Concurrency::Any => false,
        Concurrency::SameKind | Concurrency::Alone => complete,
        Concurrency::AloneFirst => all_have_stopped,
    };
    let quiet = quiet.into_iter().filter(may);
    let (alike, mut others): (Vec<_>, Vec<_>) = quiet.partition(|plan| plan.concurrency(view) == Concurrency::SameKind);
    if alike.is_empty() {
        others.truncate(1);
        return others;
    }
    alike
}

async fn make(context: &RunContext<'_>, plan: ExperimentPlan) {
    let began = context.state.now();
    tracing::debug!(?plan, "an experiment begins");
    (context.progress)(&Event::ExperimentBegan { kind: plan.kind() });
    let result = plan.perform(context).await;
    let duration_ms = millis(context.state.now().saturating_sub(began));
    (context.progress)(&Event::ExperimentDone { kind: plan.kind(), duration_ms });
    if let Some(result) = result {
        let record = ExperimentRecord::Known(result);
        context.state.add(observation::Experiment { started_after_ms: millis(began), duration_ms, record });
    }
}
