//! The program, and what it is run against: all of it on loopback.

#![allow(dead_code, reason = "no test uses all of it")]

#[path = "environment.rs"]
mod environment;

use std::{
    net::TcpListener,
    process::{Child, Command, ExitStatus, Output},
    thread,
    time::{Duration, Instant},
};

use libtest_mimic::Trial;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use super::need;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_hubreach");

/// A test that fails by panicking.
pub fn trial(name: &str, missing: Option<String>, test: fn()) -> Trial {
    need::trial(name, missing, move || {
        test();
        Ok(())
    })
}

/// Says which of `programs` is not installed.
pub fn missing(programs: &[&str]) -> Option<String> {
    let missing = programs.iter().find(|name| need::program(name).is_none())?;
    Some(format!("{missing} is not installed"))
}

/// A command whose environment says nothing to the program.
pub fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    environment::silence(&mut command);
    command
}

pub fn hubreach(args: &[&str]) -> Command {
    let mut command = command(PROGRAM);
    command.args(args);
    command
}

/// Status, stdout and stderr of a program that ended by itself.
#[track_caller]
pub fn read(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    let status = output.status.code().unwrap_or_else(|| panic!("{}: {}", output.status, text(&output.stderr)));
    (status, text(&output.stdout), text(&output.stderr))
}

/// Listens, and never says anything.
pub fn silent() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let port = listener.local_addr().expect("bound").port();
    (listener, port)
}

/// A port where nothing listens.
pub fn closed() -> u16 {
    silent().1
}

/// Arguments of a command about MQTT at `port` of loopback.
pub fn about(name: &str, port: u16, more: &[&str]) -> Vec<String> {
    let port = format!("mqtt={port}");
    let fixed = [name, "hub.test", "--address", "127.0.0.1", "--kind", "mqtt-broker", "--protocol", "mqtt", "--port"];
    fixed.iter().chain(&[port.as_str()]).chain(more).map(|word| (*word).to_owned()).collect()
}

pub fn send(child: &Child, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(child.id()).expect("a process id")), signal).expect("it can be signalled");
}

/// Waits until something is `there`.
#[track_caller]
pub fn until<T>(most: Duration, mut there: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        match there() {
            Some(found) => return found,
            None if began.elapsed() > most => panic!("not within {most:?}"),
            None => thread::sleep(Duration::from_millis(5)),
        }
    }
}

/// How a program ends, and after how long.
#[track_caller]
pub fn end(child: &mut Child, most: Duration) -> (ExitStatus, Duration) {
    let began = Instant::now();
    let status = until(most, || child.try_wait().expect("it can be waited for"));
    (status, began.elapsed())
}
