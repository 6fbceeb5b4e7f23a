//! What to try next: one file for each experiment. Each says, from what is known so far, where it would tell two causes
//! apart (a pure decision), and how it is made. Experiments run in parallel with the attempts, under the same deadline.
//! If nothing is wrong, or merely slow, none runs.

mod contract;
mod dns_queries;
mod hello;
mod http_get;
mod limited_hello;
#[cfg(test)]
mod name_tests;
mod scheduler;
mod snapshot_view;
#[cfg(test)]
mod tests;
mod tls_session;

pub(crate) use scheduler::run_experiments;

use self::{
    contract::{Concurrency, Experiment},
    snapshot_view::SnapshotView,
};
use crate::{context::run_context::RunContext, observation::ExperimentResult};

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

            /// What may run at the same time.
            fn concurrency(&self, view: SnapshotView<'_>) -> Concurrency {
                match self {
                    $($($(Self::$kind(plan) => $experiment::Plan::concurrency(plan, view),)?)+)+
                }
            }

            /// Runs it; `None` if it could not even start.
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

/// All that experiments read of a peer's first flight.
#[cfg(fuzzing)]
pub(crate) fn read_flight(flight: &[u8]) {
    hello::read(flight);
    wide_hello::read(flight);
}
