//! The responder over loopback: proper answers, and each way to misbehave.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests too")]

mod client;
mod doors;
mod pieces;
mod proper;
mod spoiled;
