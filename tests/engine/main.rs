//! The container image, built by a real engine from the real Dockerfile, and its health check beside a hub whose port is cut
//! by a rule of the kernel. Needs a Docker engine, root and many minutes: it runs where
//! `HUBREACH_TEST_REQUIRE=1` is set, and leaves nothing in the engine.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout)]

#[cfg(target_os = "linux")]
mod docker;
#[cfg(target_os = "linux")]
mod image;
#[cfg(target_os = "linux")]
#[path = "../support/need.rs"]
mod need;
#[cfg(target_os = "linux")]
mod site;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    let trials = vec![need::trial("the_image_tells_healthy_from_cut_off", docker::missing(), site::run)];
    libtest_mimic::run(&libtest_mimic::Arguments::from_args(), trials).exit_code()
}

#[cfg(not(target_os = "linux"))]
fn main() {}
