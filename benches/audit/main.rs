//! What an audit costs: 500 targets against a responder on loopback, which is a process of its own here, and the same TLS
//! handshakes by blackbox_exporter (Debian's `prometheus-blackbox-exporter`) in the same run.
//!
//!     cargo bench --bench audit
//!
//! Nothing is asserted: a busy machine is slower, which is no fault.
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot be run ends, and one that can prints"
)]

#[cfg(target_os = "linux")]
mod blackbox;
#[cfg(target_os = "linux")]
mod cost;
#[cfg(target_os = "linux")]
mod slow;
#[cfg(target_os = "linux")]
mod table;

#[cfg(target_os = "linux")]
fn main() {
    table::measure();
}

#[cfg(not(target_os = "linux"))]
fn main() {}
