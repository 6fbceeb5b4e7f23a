//! Reports as files and as screens.

#![allow(clippy::expect_used, reason = "a test that cannot go on fails")]

#[path = "../support/mod.rs"]
mod support;

mod human;
mod json;
