//! What everything in a run works with.

use super::{event::Event, run_state::RunState, settings::Settings};
use crate::{hub::Target, net::run_control::RunControl};

/// Called with every event, on the thread that polls the run.
pub(crate) type OnEvent<'a> = &'a (dyn Fn(&Event) + Send + Sync);

/// All that an experiment needs to look at a run, and to make measurements in it.
pub(crate) struct RunContext<'a> {
    pub(crate) control: &'a RunControl,
    pub(crate) state: &'a RunState,
    pub(crate) target: &'a Target,
    pub(crate) settings: &'a Settings,
    pub(crate) progress: OnEvent<'a>,
    /// When the run began, RFC 3339.
    pub(crate) started_at: &'a str,
}
