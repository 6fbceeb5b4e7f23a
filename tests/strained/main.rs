//! The program where something is lacking or in its way: room on the disk, threads, descriptors, a clock that is set; files and readers
//! that keep it waiting, and users who have waited long enough. What a test needs and does not find, it
//! says; with `HUBREACH_TEST_REQUIRE=1` it then fails.
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

#[cfg(target_os = "linux")]
mod clock;
#[cfg(target_os = "linux")]
mod disk;
#[cfg(target_os = "linux")]
mod limits;
#[cfg(target_os = "linux")]
#[path = "../support/need.rs"]
mod need;
#[cfg(target_os = "linux")]
#[path = "../support/program.rs"]
mod program;
#[cfg(target_os = "linux")]
mod reader;
#[cfg(target_os = "linux")]
mod stalled;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    let trials = [disk::trials(), limits::trials(), clock::trials(), reader::trials(), stalled::trials()];
    libtest_mimic::run(&libtest_mimic::Arguments::from_args(), trials.into_iter().flatten().collect()).exit_code()
}

#[cfg(not(target_os = "linux"))]
fn main() {}
