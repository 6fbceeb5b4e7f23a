//! `NO_PROXY` as we read it, against programs that we did not write: curl, and Python's urllib and requests. Where they differ from
//! us, the table says why; a difference that it does not list fails. What is not installed is a test ignored, and a
//! failure with `HUBREACH_TEST_REQUIRE=1`.
#![allow(clippy::expect_used, clippy::panic)]

#[cfg(target_os = "linux")]
mod curl;
#[cfg(target_os = "linux")]
#[path = "../support/need.rs"]
mod need;
#[cfg(target_os = "linux")]
mod python;
#[cfg(target_os = "linux")]
mod table;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    use table::{CASES, Program, compare};
    let of_python = |program, at: usize| {
        move || compare(program, &python::exempt(CASES)?.iter().map(|both| both[at]).collect::<Vec<_>>())
    };
    let trials = vec![
        need::trial("our_own_reading", None, table::ours),
        need::trial("curl", curl::missing(), || compare(Program::Curl, &curl::exempt(CASES)?)),
        need::trial("urllib", python::missing(), of_python(Program::Urllib, 0)),
        need::trial("requests", python::missing(), of_python(Program::Requests, 1)),
    ];
    libtest_mimic::run(&libtest_mimic::Arguments::from_args(), trials).exit_code()
}

#[cfg(not(target_os = "linux"))]
fn main() {}
