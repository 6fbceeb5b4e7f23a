//! `hubreach serve`, and a check of it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::super::process::{Group, run};

const PROGRAM: &str = env!("CARGO_BIN_EXE_hubreach");
const SOON: Duration = Duration::from_secs(20);

pub struct Hub {
    folder: PathBuf,
    _group: Group,
    /// As `--port` takes them.
    ports: String,
}

impl Hub {
    /// Starts one that keeps its files in `folder`, which it makes.
    pub fn start(folder: &Path) -> Result<Self, String> {
        fs::create_dir(folder).map_err(|error| error.to_string())?;
        let mut command = program();
        command.args(["serve", "--port", "mqtt=0,amqp=0,https=0", "--ca-out"]).arg(folder.join("ca.pem"));
        let group = Group::start(&mut command, &folder.join("serve.log"), None)?;
        let began = Instant::now();
        loop {
            let said = group.said();
            if let Some((_, rest)) = said.split_once("--port ").filter(|_| said.contains("Ctrl-C ends it.")) {
                let ports = rest.split_whitespace().next().unwrap_or_default().to_owned();
                return Ok(Self { folder: folder.to_owned(), _group: group, ports });
            }
            if began.elapsed() > SOON {
                return Err(format!("the hub does not listen:\n{said}"));
            }
            sleep(Duration::from_millis(20));
        }
    }

    pub fn ca(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// Where it speaks a protocol.
    pub fn port(&self, protocol: &str) -> Result<u16, String> {
        let mut pairs = self.ports.split(',').filter_map(|pair| pair.split_once('='));
        let port = pairs.find(|(known, _)| *known == protocol).and_then(|(_, port)| port.parse().ok());
        port.ok_or_else(|| format!("no port for {protocol} in {}", self.ports))
    }

    /// The report of a check of one protocol through this proxy.
    pub fn check(&self, protocol: &str, proxy: &str) -> Result<Value, String> {
        let mut command = program();
        command.args(["check", "localhost", "--kind", "azure-iot-hub", "--port", &self.ports, "--json", "--quiet"]);
        command.args(["--protocol", protocol, "--route", "proxy", "--proxy", proxy, "--ca"]).arg(self.ca());
        command.arg("--hub-ca").arg(self.ca());
        let ended = run(&mut command, &self.folder, SOON)?;
        serde_json::from_str(&ended.stdout).map_err(|error| format!("{error}: {}{}", ended.stdout, ended.stderr))
    }
}

/// The program, to which the environment says nothing.
fn program() -> Command {
    let mut command = Command::new(PROGRAM);
    let names = std::env::vars_os().map(|(name, _)| name);
    names.filter(|name| name.to_string_lossy().starts_with("HUBREACH_")).for_each(|name| {
        command.env_remove(name);
    });
    command
}
