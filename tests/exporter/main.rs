//! The exporter as scrapers meet it: what it tells, whom it refuses, and how it bears those who mean it ill. promtool and
//! Prometheus itself judge its metrics; where they are not installed those tests are ignored, and failures with
//! `HUBREACH_TEST_REQUIRE=1`.
#![allow(clippy::expect_used, clippy::panic)]

#[cfg(target_os = "linux")]
mod crowd;
#[cfg(target_os = "linux")]
mod hostile;
#[cfg(target_os = "linux")]
mod http;
#[cfg(target_os = "linux")]
mod hub;
#[cfg(target_os = "linux")]
mod limits;
#[cfg(target_os = "linux")]
mod metrics;
#[cfg(target_os = "linux")]
#[path = "../support/dns.rs"]
#[allow(dead_code)]
mod names;
#[cfg(target_os = "linux")]
#[path = "../support/need.rs"]
mod need;
#[cfg(target_os = "linux")]
#[path = "../peers/process.rs"]
#[allow(dead_code)]
mod process;
#[cfg(target_os = "linux")]
mod prometheus;
#[cfg(target_os = "linux")]
mod served;
#[cfg(target_os = "linux")]
mod stalled;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    let trials = [
        metrics::trials(),
        hostile::trials(),
        limits::trials(),
        prometheus::trials(),
        crowd::trials(),
        stalled::trials(),
    ];
    libtest_mimic::run(&libtest_mimic::Arguments::from_args(), trials.into_iter().flatten().collect()).exit_code()
}

#[cfg(not(target_os = "linux"))]
fn main() {}
