//! Peers that keep sending, at every layer and every stage, against the program as its users run it: whatever they send, it
//! ends by its deadline, at Ctrl-C, in little memory, and nobody else is harmed.
#![allow(clippy::expect_used, clippy::panic)]

#[cfg(target_os = "linux")]
mod clients;
#[cfg(target_os = "linux")]
mod commands;
#[cfg(target_os = "linux")]
mod flood;
#[cfg(target_os = "linux")]
mod http;
#[cfg(target_os = "linux")]
mod names;
#[cfg(target_os = "linux")]
mod peer;
#[cfg(target_os = "linux")]
mod program;
#[cfg(target_os = "linux")]
mod sealed;
#[cfg(target_os = "linux")]
mod site;
#[cfg(target_os = "linux")]
mod stages;
