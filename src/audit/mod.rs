//! MANY targets: plan files, and the run over all of them.

mod limits;
mod plan;
mod run;

pub use limits::{JOBS, jobs};
pub use plan::{Defaults, Plan, PlanError, Planned};
pub use run::{Audited, Event, run};
