//! Routes through a proxy, against a proxy of our own in every way in which one can behave.
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod decided;
mod double;
mod fixture;
mod manners;
#[path = "../support/proxy/mod.rs"]
mod proxy;
mod refusals;
mod required;
mod resolving;
mod round_trips;
mod silence;
mod socks;
mod tls;
