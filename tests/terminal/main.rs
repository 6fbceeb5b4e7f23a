//! The program in a terminal, whose screen is kept as a person sees it: what is asked, progress, terminals that go away, and what shells make of
//! a TAB. A shell that is not installed is said to be missing; with `HUBREACH_TEST_REQUIRE=1` its test then fails.
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

#[cfg(target_os = "linux")]
mod asking;
#[cfg(target_os = "linux")]
#[path = "../support/need.rs"]
mod need;
#[cfg(target_os = "linux")]
#[path = "../support/program.rs"]
mod program;
#[cfg(target_os = "linux")]
mod progress;
#[cfg(target_os = "linux")]
mod screen;
#[cfg(target_os = "linux")]
mod shells;

/// They wait more than they work.
#[cfg(target_os = "linux")]
const AT_ONCE: usize = 6;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    let trials = [asking::trials(), progress::trials(), shells::trials()];
    let mut arguments = libtest_mimic::Arguments::from_args();
    arguments.test_threads = arguments.test_threads.or(Some(AT_ONCE));
    libtest_mimic::run(&arguments, trials.into_iter().flatten().collect()).exit_code()
}

#[cfg(not(target_os = "linux"))]
fn main() {}
