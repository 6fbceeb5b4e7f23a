//! The program, run against a peer, and what it said.

use std::{collections::BTreeMap, path::Path, process::Command, time::Duration};

use serde_json::Value;

use super::{
    certificate::{Files, HOST},
    process,
};

/// Longer than the program's own deadline.
const LIMIT: Duration = Duration::from_secs(30);

/// A finished check.
#[derive(Debug)]
pub struct Checked {
    pub status: Option<i32>,
    pub report: Value,
}

/// The program, with an environment that says nothing.
pub fn hubreach() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hubreach"));
    for (name, _) in std::env::vars_os() {
        let known = name.to_string_lossy().to_lowercase();
        if known.starts_with("hubreach_") || known.ends_with("_proxy") || known.starts_with("ssl_cert_") {
            command.env_remove(name);
        }
    }
    command
}

/// Checks `ports` of loopback as a hub of `kind`.
pub fn check(dir: &Path, files: &Files, kind: &str, ports: &[(&str, u16)], more: &[&str]) -> Result<Checked, String> {
    let mut command = hubreach();
    command.args(["check", HOST, "--kind", kind, "--address", "127.0.0.1", "--format", "json"]);
    command.arg("--ca").arg(&files.root).arg("--hub-ca").arg(&files.root).args(more);
    for (protocol, port) in ports {
        command.args(["--port", &format!("{protocol}={port}")]);
    }
    finish(dir, &mut command)
}

/// Judges a saved report again.
pub fn diagnose(dir: &Path, report: &Value) -> Result<Checked, String> {
    let saved = tempfile::Builder::new().suffix(".json").tempfile_in(dir).map_err(|error| error.to_string())?;
    std::fs::write(saved.path(), report.to_string()).map_err(|error| error.to_string())?;
    finish(dir, hubreach().arg("diagnose").arg(saved.path()).args(["--format", "json"]))
}

fn finish(dir: &Path, command: &mut Command) -> Result<Checked, String> {
    let ended = process::run(command, dir, LIMIT)?;
    let report = serde_json::from_str(&ended.stdout)
        .map_err(|error| format!("{error}; status {:?}\n{}\n{}", ended.status, ended.stdout, ended.stderr))?;
    super::schema::validate(&report);
    Ok(Checked { status: ended.status, report })
}

impl Checked {
    /// The verdict of every check.
    pub fn verdicts(&self) -> BTreeMap<&str, &str> {
        let text = |check: &Value, key: &str| check[key].as_str().map(str::to_owned).unwrap_or_default();
        let checks = self.report["checks"].as_array().map(Vec::as_slice).unwrap_or_default();
        debug_assert!(checks.iter().all(|check| !text(check, "id").is_empty()));
        checks.iter().filter_map(|check| Some((check["id"].as_str()?, check["verdict"].as_str()?))).collect()
    }

    /// Fails unless status and verdicts are these.
    pub fn expect(&self, status: i32, verdicts: &[(&str, &str)]) -> Result<(), String> {
        let expected: BTreeMap<_, _> = verdicts.iter().copied().collect();
        if (self.status, self.verdicts()) == (Some(status), expected.clone()) {
            return Ok(());
        }
        let got = (self.status, self.verdicts());
        Err(format!("expected {:?}, got {got:?}:\n{:#}", (status, expected), self.report))
    }

    /// What the hub answered in `check`, at its first address.
    pub fn answer(&self, check: &str) -> Value {
        let checks = self.report["checks"].as_array().map(Vec::as_slice).unwrap_or_default();
        let Some(check) = checks.iter().find(|other| other["id"] == check) else { return Value::Null };
        let stages = check["attempts"][0]["stages"].as_array().map(Vec::as_slice).unwrap_or_default();
        stages.iter().find(|stage| stage["stage"] == "exchange").cloned().unwrap_or_default()
    }

    /// The codes of the findings.
    pub fn codes(&self) -> Vec<&str> {
        let findings = self.report["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
        findings.iter().filter_map(|finding| finding["code"].as_str()).collect()
    }
}
