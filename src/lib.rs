//! `hubreach` answers, from where it runs: which of this IoT hub's protocols does this network let out, what stops the
//! others, and who has to change what?
//!
//! The flow, room by room: a [`target`] says what to check, [`probe`] attempts the stages and records
//! [`observation`]s, experiments tell apart what looks the same at first, [`diagnosis`] judges them without any I/O, and [`report`] says it. [`check`] is all of it at once.
//!
//! ```no_run
//! use hubreach::{Settings, target::{Choices, HubHost, Target}};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let target = Target::new(HubHost::parse("contoso.azure-devices.net")?, &Choices::default())?;
//! let report = hubreach::check(&target, &Settings::default(), std::future::pending(), &|_| ()).await?;
//! for check in report.checks() {
//!     println!("{}: {:?}, {}", check.seen.id, check.verdict, check.summary);
//! }
//! # Ok(())
//! # }
//! ```

pub mod audit;
mod decide;
mod experiment;
pub mod exporter;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
pub mod probe;
pub mod responder;
pub mod wire;

use std::future::Future;

use hub::Target;
pub use hubreach_model::{Report, diagnose, diagnosis, hub, observation, report};
use observation::{Observations, Traces};
pub use probe::{Event, Settings, SetupError};

/// Makes every check of `target` at once, and experiments beside them where something fails; records what is seen. Opens at
/// most two connections for each check and address, and two more where a stage past the TCP handshake stands still;
/// experiments open more, a bounded number each, and only where something fails.
///
/// Must run inside a tokio runtime with I/O and time enabled. Ends by the deadline of `settings`, or soon after `stop` is
/// ready, with whatever was seen by then. A lookup of the system's resolver cannot be cancelled: its thread may outlive
/// the call.
///
/// # Errors
/// Only where the check could not be made at all: a failed stage is data, not an error.
pub async fn observe(
    target: &Target,
    settings: &Settings,
    stop: impl Future<Output = ()>,
    progress: &dyn Fn(&Event),
) -> Result<Observations, SetupError> {
    probe::observe(target, settings, stop, progress, experiment::experiment).await
}

/// Makes every check of `target`, judges what was seen, and reports it: [`observe`], [`diagnose`] and [`Report::new`].
///
/// Must run inside a tokio runtime with I/O and time enabled. Ends by the deadline of `settings`, or soon after `stop` is
/// ready, with whatever was seen by then.
///
/// # Errors
/// Only where the check could not be made at all: a failed stage is data, not an error.
pub async fn check(
    target: &Target,
    settings: &Settings,
    stop: impl Future<Output = ()>,
    progress: &dyn Fn(&Event),
) -> Result<Report, SetupError> {
    let observations = observe(target, settings, stop, progress).await?;
    let diagnosis = diagnose(&observations);
    Ok(Report::new(observations, diagnosis))
}

/// Checks `target` until it is decided whether the requirement of `settings` is met, and reports what was seen by then: the
/// verdict of a check that was still under way may be unknown. Without experiments that is as soon as one check is lost or enough are
/// allowed; with them, a requirement that is lost is looked into as [`check`] does.
///
/// Must run inside a tokio runtime with I/O and time enabled. Ends by the deadline of `settings`, or soon after `stop` is
/// ready, with whatever was seen by then.
///
/// # Errors
/// Only where the check could not be made at all: a failed stage is data, not an error.
pub async fn decide(
    target: &Target,
    settings: &Settings,
    stop: impl Future<Output = ()>,
    progress: &dyn Fn(&Event),
) -> Result<Report, SetupError> {
    let watch = async |bench: &probe::Bench<'_>| {
        tokio::join!(decide::stop_once_decided(bench), experiment::experiment(bench));
    };
    let observations = probe::observe(target, settings, stop, progress, watch).await?;
    let diagnosis = diagnose(&observations);
    Ok(Report::new(observations, diagnosis))
}

/// Traces the path to every port of `target`, side by side: where each is stopped. With `names`, routers' names are asked for
/// in reverse DNS. Needs no privilege, and Linux.
///
/// Must run inside a tokio runtime with I/O and time enabled. Ends by the deadline of `settings`, or soon after `stop` is
/// ready, with whatever was seen by then.
///
/// # Errors
/// Only where no path could be traced at all: what is silent is data, not an error.
pub async fn trace(
    target: &Target,
    settings: &Settings,
    names: bool,
    stop: impl Future<Output = ()>,
    progress: &dyn Fn(&Event),
) -> Result<Traces, SetupError> {
    probe::trace(target, settings, names, stop, progress).await
}
