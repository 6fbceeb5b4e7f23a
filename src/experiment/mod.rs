//! What to try NEXT: one file an experiment. Each says, from what is known so far, where it would tell two causes apart
//! (a pure decision), and how it is made. They run beside the climbs, under the same deadline; where nothing is wrong,
//! or merely slow, none runs.

mod ask;
mod get;
mod hello;
mod limited_hello;
#[cfg(test)]
mod name_tests;
#[cfg(test)]
mod tests;
mod view;

use std::{collections::HashSet, fmt::Debug, hash::Hash, time::Duration};

use futures_util::{StreamExt, stream::FuturesUnordered};

use self::view::View;
use crate::{
    observation::{self, ExperimentRecord, ExperimentResult, Facts, experiments, millis},
    probe::{Bench, Event},
};

/// How often waiting climbs are looked at: what waits for long is itself an observation.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// One way to tell causes apart: the type holds what one experiment of it measures. Each file has one, called `Plan`.
trait Experiment: Debug + Clone + Eq + Hash {
    /// What it records.
    type Facts: Facts;

    /// Where it would tell causes apart, given what is known. Pure: the same view wants the same experiments, and each is
    /// made once a run.
    fn wanted(view: View<'_>) -> impl Iterator<Item = Self>;

    /// Makes it; `None` where it could not even begin.
    async fn perform(&self, bench: &Bench<'_>) -> Option<Self::Facts>;
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
        fn wanted(view: View<'_>) -> Vec<ExperimentPlan> {
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

            /// Makes it; `None` where it could not even begin.
            async fn perform(&self, bench: &Bench<'_>) -> Option<ExperimentResult> {
                match self {
                    $($($(
                        Self::$kind(plan) => $experiment::Plan::perform(plan, bench).await.map(ExperimentResult::$kind),
                    )?)+)+
                }
            }
        }
    };
}

experiments!(declare);

/// Watches the climbs and makes every experiment that is wanted, until all of both have ended.
pub(crate) async fn experiment(bench: &Bench<'_>) {
    if !bench.settings.experiments {
        return;
    }
    let mut begun = HashSet::new();
    let mut running = FuturesUnordered::new();
    loop {
        // Asked before the look at the board, so that what came last is looked at too.
        let complete = bench.board.is_complete();
        let situation = bench.board.situation();
        let view = View { situation: &situation, now: bench.board.now(), large_hello: bench.settings.large_hello };
        for plan in wanted(view) {
            if !bench.run.is_over() && begun.insert(plan.clone()) {
                running.push(make(bench, plan));
            }
        }
        if complete && running.is_empty() {
            return;
        }
        tokio::select! {
            () = bench.board.changed() => {}
            Some(()) = running.next() => {}
            () = tokio::time::sleep(LOOK_AGAIN), if !complete => {}
        }
    }
}

async fn make(bench: &Bench<'_>, plan: ExperimentPlan) {
    let began = bench.board.now();
    tracing::debug!(?plan, "an experiment begins");
    (bench.progress)(&Event::ExperimentBegan { kind: plan.kind() });
    let result = plan.perform(bench).await;
    let duration_ms = millis(bench.board.now().saturating_sub(began));
    (bench.progress)(&Event::ExperimentDone { kind: plan.kind(), duration_ms });
    if let Some(result) = result {
        let record = ExperimentRecord::Known(result);
        bench.board.add(observation::Experiment { started_after_ms: millis(began), duration_ms, record });
    }
}

/// All that experiments read of a peer's first flight.
#[cfg(fuzzing)]
pub(crate) fn read_flight(flight: &[u8]) {
    hello::read(flight);
}
