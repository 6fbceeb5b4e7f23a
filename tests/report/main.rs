//! Reports as files and as screens.

#![allow(clippy::expect_used, reason = "a test fails by panicking, in its helpers too")]

#[path = "../support/mod.rs"]
mod support;

mod failures;
mod human;
mod json;
mod ticket;
mod traces;
