//! MANY targets: plan files, and the run over all of them.

mod doubts;
mod limits;
mod pacer;
mod plan;
mod run;
mod signs;
mod stretch;

pub use limits::{JOBS, jobs};
pub use plan::{Defaults, Plan, PlanError, Planned, TargetFault};
pub use run::{Audited, Event, run};
