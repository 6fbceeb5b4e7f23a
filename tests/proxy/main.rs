//! Routes through a proxy, against a proxy of our own in every way in which one can behave.
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod decided;
mod double;
mod fixture;
#[cfg(target_os = "linux")]
mod floods;
mod guarded;
mod manners;
#[cfg(target_os = "linux")]
#[path = "../floods/program.rs"]
mod program;
#[path = "../support/proxy/mod.rs"]
mod proxy;
mod refusals;
mod required;
mod resolving;
mod round_trips;
mod settings;
mod silence;
mod socks;
#[path = "../support/mod.rs"]
mod support;
mod tls;
