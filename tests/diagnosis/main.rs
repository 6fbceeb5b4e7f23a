//! The judgement, without a network: recorded observations in, the expected diagnosis out.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod case;
mod cases;
mod hellos;
mod paths;
mod properties;
mod recommendation;
mod sound;
mod words;
