//! Reports as files and as screens.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

#[path = "../support/mod.rs"]
mod support;

mod audits;
mod csv;
mod diff;
mod failures;
mod health;
mod html;
mod human;
mod inert;
mod json;
mod junit;
mod markdown;
mod routes;
mod several;
mod ticket;
mod traces;
