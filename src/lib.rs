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
mod checker;
pub mod exporter;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod stop;

pub use checker::{Checker, CheckerBuilder};
pub use hubreach_model::{Report, diagnose, diagnosis, hub, observation, report};
pub use hubreach_probe::{self as probe, Event, Settings, SettingsError, SetupError, wire};
pub use hubreach_responder as responder;
pub use stop::StopToken;
