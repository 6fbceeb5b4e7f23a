//! The stages and the judgement against our own responder on loopback, in every way in which it can misbehave.
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod causes;
mod decided;
mod experiments;
mod fixture;
mod hellos;
mod hostile;
mod identity;
mod kinds;
mod long_messages;
mod names;
#[cfg(target_os = "linux")]
mod paths;
mod revocation;
mod second_attempt;
mod spawned;
#[path = "../support/mod.rs"]
mod support;
