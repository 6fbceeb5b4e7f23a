//! `hubreach` answers, from where it runs: which of this IoT hub's protocols does this network let out, what stops the
//! others, and who has to change what?
//!
//! A [target](hub::Target) says what to check. A [`Checker`] makes the attempts, stage by stage, and experiments that tell apart what
//! looks the same at first; it records [`observation`]s. [`diagnosis`] judges them without any I/O, and [`report`] says it.
//!
//! # Check a hub
//!
//! ```no_run
//! use hubreach::{Checker, hub::{HubHost, Target, TargetOptions}};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let target = Target::new(HubHost::parse("contoso.azure-devices.net")?, &TargetOptions::default())?;
//! let checker = Checker::builder(target).build()?;
//! let report = checker.run().await?;
//! for check in report.checks() {
//!     println!("{}: {:?}, {}", check.observations.id, check.verdict, check.summary);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Check it inside a service
//!
//! The futures of a checker own what they need and are [`Send`]: they can be spawned on a runtime with several threads. A
//! [`StopToken`] ends them early, with what was seen by then.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use hubreach::{Checker, StopToken, hub::{HubHost, Target, TargetOptions}};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! # let target = Target::new(HubHost::parse("contoso.azure-devices.net")?, &TargetOptions::default())?;
//! let stop = StopToken::new();
//! let checker = Checker::builder(target)
//!     .timeout(Duration::from_secs(20))
//!     .on_event(|event| println!("{event:?}"))
//!     .stop(stop.clone())
//!     .build()?;
//! let check = tokio::spawn(checker.run());
//! // From anywhere, at any time:
//! stop.stop();
//! let report = check.await??;
//! assert!(report.observations.partial);
//! # Ok(())
//! # }
//! ```
//!
//! # Judge what was seen elsewhere
//!
//! Facts and opinions live apart: a saved report can be judged again by a newer version, without a network and without a
//! runtime.
//!
//! ```no_run
//! use hubreach::{Report, diagnose};
//!
//! # fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let saved = Report::from_json(&std::fs::read_to_string("report.json")?)?;
//! for finding in diagnose(&saved.observations).findings {
//!     println!("{}: {} -> {}", finding.code, finding.title(), finding.fix());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! All are on by default; `default-features = false` leaves a library that checks, judges and reports.
//!
//! | feature | adds |
//! |---|---|
//! | `cli` | the program `hubreach`, and with it all other features |
//! | `exporter` | `exporter`: checks for Prometheus, one at each scrape; and with it `responder` |
//! | `html` | reports in HTML |
//! | `responder` | `responder`: a hub that answers like a real one, for tests |
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod audit;
mod checker;
#[cfg(feature = "exporter")]
pub mod exporter;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod routing;
mod stop;

pub use checker::{Checker, CheckerBuilder};
pub use hubreach_model::{Report, diagnose, diagnosis, hub, observation, report};
pub use hubreach_probe::{self as probe, Event, Settings, SettingsError, SetupError, wire};
#[cfg(feature = "responder")]
pub use hubreach_responder as responder;
pub use routing::{Routing, RoutingError};
pub use stop::StopToken;
