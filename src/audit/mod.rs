//! MANY targets: plan files, and the run over all of them.

mod limits;
mod load_symptoms;
mod pace_period;
mod pacer;
mod plan;
mod retest_queue;
mod run;

pub use limits::{JOBS, jobs};
pub use plan::{Defaults, Plan, PlanError, Planned, TargetFault};
pub use run::{Audited, Event, run};
