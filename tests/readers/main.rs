//! Reports, opened by programs that we did not write: a browser, and a validator with the schema that CI servers use. A
//! reader that is not installed is a test ignored, and a failure with `HUBREACH_TEST_REQUIRE=1`.
#![allow(clippy::expect_used, clippy::panic)]

#[cfg(target_os = "linux")]
mod browser;
#[cfg(target_os = "linux")]
#[path = "../support/need.rs"]
mod need;
#[cfg(target_os = "linux")]
mod page;
#[cfg(target_os = "linux")]
#[path = "../peers/process.rs"]
#[allow(dead_code)]
mod process;
#[cfg(target_os = "linux")]
#[path = "../../crates/model/tests/diagnosis/recorded.rs"]
#[allow(dead_code)]
mod recorded;
#[cfg(target_os = "linux")]
#[path = "../support/samples.rs"]
mod samples;
#[cfg(target_os = "linux")]
mod schema;
#[cfg(target_os = "linux")]
#[path = "../support/site.rs"]
mod site;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    let trials = page::trials().into_iter().chain([schema::trial()]).collect();
    libtest_mimic::run(&libtest_mimic::Arguments::from_args(), trials).exit_code()
}

#[cfg(not(target_os = "linux"))]
fn main() {}
