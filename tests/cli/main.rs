//! The program as people and scripts run it.
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod causes;
mod companions;
mod complaints;
mod crafted;
#[cfg(target_os = "linux")]
mod crowd;
mod demo;
mod diff;
mod encodings;
#[path = "../support/environment.rs"]
mod environment;
mod exporter;
mod formats;
mod health;
mod help;
#[path = "../support/proxy/mod.rs"]
mod proxy;
mod proxy_secrets;
mod reports;
mod secrets;
mod serve;
#[path = "../support/mod.rs"]
mod support;
mod trace;
mod typed;
mod widths;

use std::process::Output;

use assert_cmd::Command;

/// The program, with an environment that says nothing.
fn hubreach(args: &[&str]) -> Command {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_hubreach"));
    environment::silence(command.args(args));
    Command::from_std(command)
}

fn run(args: &[&str]) -> (i32, String, String) {
    read(&hubreach(args).output().expect("runs"))
}

fn read(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    (output.status.code().expect("ended by itself"), text(&output.stdout), text(&output.stderr))
}

/// Fits a terminal of 80 columns.
#[track_caller]
fn assert_narrow(text: &str) {
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{} columns: {line}", line.chars().count());
    }
}
