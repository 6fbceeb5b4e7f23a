//! The exporter as a process of its own.

#[path = "../support/environment.rs"]
mod environment;

use std::{
    fs,
    net::SocketAddr,
    process::{Command, ExitStatus},
    thread::sleep,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tempfile::TempDir;

use super::{
    http,
    hub::{Hub, NAME},
    process::Group,
};

/// Longer than anything takes that is waited for here.
const LIMIT: Duration = Duration::from_secs(30);

pub struct Served {
    pub address: SocketAddr,
    group: Group,
    _dir: TempDir,
}

impl Served {
    /// Serves the metrics of `hub`, with more options.
    pub fn start(hub: &Hub, more: &[&str]) -> Result<Self, String> {
        let (root, hub_root) = (hub.root.to_string_lossy(), hub.hub_root.to_string_lossy());
        let hub = [NAME, "--address", "127.0.0.1", "--port", &hub.ports, "--ca", &root, "--hub-ca", &hub_root];
        Self::launch(&[&hub[..], more].concat())
    }

    /// Serves on any port that is free.
    pub fn launch(args: &[&str]) -> Result<Self, String> {
        let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_hubreach"));
        environment::silence(command.args(["exporter", "--listen", "127.0.0.1:0"]).args(args));
        // Whatever may be told is held against what must not be.
        command.env("HUBREACH_LOG", "debug,hubreach=trace");
        let mut group = Group::start(&mut command, &dir.path().join("log"), None)?;
        let began = Instant::now();
        loop {
            let said = group.said();
            if let Some(address) = said.lines().find_map(|line| line.split("http://").nth(1)?.parse().ok()) {
                return Ok(Self { address, group, _dir: dir });
            }
            if let Ok(Some(status)) = group.child().try_wait() {
                return Err(format!("ended early, {status}: {said}"));
            }
            if began.elapsed() > LIMIT {
                return Err(format!("does not say where it listens: {said}"));
            }
            sleep(Duration::from_millis(10));
        }
    }

    pub fn get(&self, path: &str) -> Result<http::Answer, String> {
        http::get(self.address, path)
    }

    /// The metrics of a probe of the hub, and `more` in its query.
    pub fn probe(&self, more: &str) -> Result<String, String> {
        let answer = self.get(&format!("/probe?hub={NAME}{more}"))?;
        if answer.status == 200 { Ok(answer.body) } else { Err(format!("{answer:?}")) }
    }

    /// A metric of the exporter itself that has no labels.
    pub fn own(&self, name: &str) -> Result<f64, String> {
        let body = self.get("/metrics")?.body;
        let value = body.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
        value.ok_or_else(|| format!("no {name} in:\n{body}"))
    }

    /// Waits until that metric has this value.
    pub fn wait_for(&self, name: &str, value: f64) -> Result<(), String> {
        let began = Instant::now();
        loop {
            let now = self.own(name)?;
            if now == value {
                return Ok(());
            }
            if began.elapsed() > LIMIT {
                return Err(format!("{name} is {now}, not {value}, after {LIMIT:?}"));
            }
            sleep(Duration::from_millis(20));
        }
    }

    pub fn terminate(&mut self) -> Result<(), String> {
        let id = i32::try_from(self.group.child().id()).map_err(|error| error.to_string())?;
        kill(Pid::from_raw(id), Signal::SIGTERM).map_err(|error| error.to_string())
    }

    pub fn ended(&mut self) -> Result<ExitStatus, String> {
        let began = Instant::now();
        while began.elapsed() < LIMIT {
            if let Some(status) = self.group.child().try_wait().map_err(|error| error.to_string())? {
                return Ok(status);
            }
            sleep(Duration::from_millis(10));
        }
        Err(format!("does not end: {}", self.group.said()))
    }

    /// The most memory that it ever had, in bytes, without the pages of its own file: the kernel drops these where memory is
    /// short, and a build for tests has some 30 MB of them, where the program that is installed has 7.
    pub fn peak_memory(&mut self) -> Result<u64, String> {
        let path = format!("/proc/{}/status", self.group.child().id());
        let status = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        let kib = |name: &str| {
            let value =
                status.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok());
            value.ok_or_else(|| format!("no {name} in {status}"))
        };
        let (peak, of_file): (u64, u64) = (kib("VmHWM:")?, kib("RssFile:")?);
        Ok(peak.saturating_sub(of_file) * 1024)
    }

    pub fn said(&self) -> String {
        self.group.said()
    }
}
