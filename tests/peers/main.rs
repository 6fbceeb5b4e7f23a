//! The program against brokers and servers that we did not write. A peer that is not installed is a test ignored, and a
//! failure with `HUBREACH_TEST_REQUIRE=1`.
#![allow(clippy::expect_used, clippy::panic)]

#[cfg(target_os = "linux")]
mod certificate;
#[cfg(target_os = "linux")]
mod check;
#[cfg(target_os = "linux")]
mod installed;
#[cfg(target_os = "linux")]
mod mosquitto;
#[cfg(target_os = "linux")]
#[path = "../support/need.rs"]
mod need;
#[cfg(target_os = "linux")]
mod openssl;
#[cfg(target_os = "linux")]
mod peers;
#[cfg(target_os = "linux")]
mod process;
#[cfg(target_os = "linux")]
mod rabbitmq;
#[cfg(target_os = "linux")]
#[path = "../support/schema.rs"]
mod schema;
#[cfg(target_os = "linux")]
mod trials;
#[cfg(target_os = "linux")]
mod versions_and_suites;
#[cfg(target_os = "linux")]
mod web;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    let peers = peers::Peers::new();
    let conclusion = libtest_mimic::run(&libtest_mimic::Arguments::from_args(), trials::all(&peers));
    // Before the process ends: what it started ends with this.
    peers.stop();
    conclusion.exit_code()
}

#[cfg(not(target_os = "linux"))]
fn main() {}
