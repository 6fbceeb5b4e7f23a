//! Many hubs: plan files, the run over them, and the command.
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod command;
#[cfg(target_os = "linux")]
mod interrupted;
mod plan;
mod run;
#[path = "../support/mod.rs"]
mod support;
