//! What to try NEXT: one file an experiment. Each says, from what is known so far, where it would tell two causes apart
//! (a pure decision), and how it is made. They run beside the attempts, under the same deadline; where nothing is wrong,
//! or merely slow, none runs.

mod ask;
mod get;
mod hello;
mod limited_hello;
#[cfg(test)]
mod name_tests;
mod secured;
#[cfg(test)]
mod tests;
mod view;

use std::{collections::HashSet, fmt::Debug, hash::Hash, time::Duration};

use futures_util::{StreamExt, stream::FuturesUnordered};

use self::view::SnapshotView;
use crate::{
    context::{event::Event, run_context::RunContext},
    observation::{self, ExperimentRecord, ExperimentResult, Facts, Snapshot, TrackedAttempt, millis},
};

/// How often waiting attempts are looked at: what waits for long is itself an observation.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// One way to tell causes apart: the type holds what one experiment of it measures. Each file has one, called `Plan`.
trait Experiment: Debug + Clone + Eq + Hash {
    /// What it records.
    type Facts: Facts;

    /// Where it would tell causes apart, given what is known. Pure: the same view wants the same experiments, and each is
    /// made once a run.
    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self>;

    /// Beside what it may be made.
    fn company(&self, _view: SnapshotView<'_>) -> Company {
        Company::Anything
    }

    /// Makes it; `None` where it could not even begin.
    async fn perform(&self, context: &RunContext<'_>) -> Option<Self::Facts>;
}

/// What may be under way while an experiment is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Company {
    /// Makes an attempt, and any other experiment.
    Anything,
    /// Others that ask for the same, once all else has ended.
    ItsLike,
    /// Nothing, once all else has ended.
    Nobody,
    /// Nothing, and no experiment before it: what those send counts as a connection where connections are counted.
    NobodyYet,
}

macro_rules! declare {
    ($($file:ident {
        $($(#[$doc:meta])+ $kind:ident($facts:ident) = $word:literal $(, made by $experiment:ident)?;)+
    })+) => {
        $($($(mod $experiment;)?)+)+

        /// One experiment to make, of any kind.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        enum ExperimentPlan {
            $($($($kind($experiment::Plan),)?)+)+
        }

        /// Every experiment that would tell causes apart, given what is known. Pure.
        fn wanted(view: SnapshotView<'_>) -> Vec<ExperimentPlan> {
            let mut plans = Vec::new();
            $($($(plans.extend($experiment::Plan::wanted(view).map(ExperimentPlan::$kind));)?)+)+
            plans
        }

        impl ExperimentPlan {
            /// The word used in JSON.
            fn kind(&self) -> &'static str {
                match self {
                    $($($(Self::$kind($experiment::Plan { .. }) => $word,)?)+)+
                }
            }

            /// Beside what it may be made.
            fn company(&self, view: SnapshotView<'_>) -> Company {
                match self {
                    $($($(Self::$kind(plan) => $experiment::Plan::company(plan, view),)?)+)+
                }
            }

            /// Makes it; `None` where it could not even begin.
            async fn perform(&self, context: &RunContext<'_>) -> Option<ExperimentResult> {
                match self {
                    $($($(
                        Self::$kind(plan) => $experiment::Plan::perform(plan, context).await.map(ExperimentResult::$kind),
                    )?)+)+
                }
            }
        }
    };
}

hubreach_model::experiments!(declare);

/// Watches the attempts and makes every experiment that is wanted, until all of both have ended.
pub(crate) async fn experiment(context: &RunContext<'_>) {
    if !context.settings.experiments {
        return;
    }
    let mut begun = HashSet::new();
    let mut running = FuturesUnordered::new();
    let mut is_quiet = false;
    loop {
        // Asked before the look at the state, so that what came last is looked at too.
        let complete = context.state.is_complete();
        let snapshot = context.state.snapshot();
        let view = SnapshotView {
            snapshot: &snapshot,
            now: context.state.now(),
            still: context.run.moves().last().elapsed(),
            large_hello: context.settings.large_hello,
            companions: context.settings.companions,
        };
        let new: Vec<ExperimentPlan> = match context.run.is_over() {
            true => Vec::new(),
            false => {
                // What works alone raises no question but for the crowd.
                let settled = settled(&snapshot);
                let others = wanted(SnapshotView { snapshot: &settled, ..view }).into_iter();
                let of_the_crowd = wanted(view).into_iter().filter(|plan| plan.company(view) != Company::Anything);
                let others = others.filter(|plan| plan.company(view) == Company::Anything);
                of_the_crowd.chain(others).filter(|plan| !begun.contains(plan)).collect()
            }
        };
        let (mut next, quiet): (Vec<_>, Vec<_>) =
            new.into_iter().partition(|plan| plan.company(view) == Company::Anything);
        is_quiet &= !running.is_empty();
        let one_comes_first = running.is_empty() && quiet.iter().any(|plan| plan.company(view) == Company::NobodyYet);
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
            () = tokio::time::sleep(LOOK_AGAIN), if !complete => {}
        }
    }
}

/// The snapshot with what attempts came to alone in the place of what they came to in a crowd.
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

/// Which of those that want quiet may be made now: all that bear each other, else the first.
fn alone(view: SnapshotView<'_>, quiet: Vec<ExperimentPlan>, complete: bool) -> Vec<ExperimentPlan> {
    let all_have_stopped = view.all_have_stopped();
    let may = |plan: &ExperimentPlan| match plan.company(view) {
        Company::Anything => false,
        Company::ItsLike | Company::Nobody => complete,
        Company::NobodyYet => all_have_stopped,
    };
    let quiet = quiet.into_iter().filter(may);
    let (alike, mut others): (Vec<_>, Vec<_>) = quiet.partition(|plan| plan.company(view) == Company::ItsLike);
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

/// All that experiments read of a peer's first flight.
#[cfg(fuzzing)]
pub(crate) fn read_flight(flight: &[u8]) {
    hello::read(flight);
    wide_hello::read(flight);
}
