//! The engine, by its command.

use std::{
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::need;

/// What this machine lacks for the test.
pub fn missing() -> Option<String> {
    let programs = ["docker", "debootstrap", "nsenter", "nft"];
    if let Some(program) = programs.into_iter().find(|program| need::program(program).is_none()) {
        return Some(format!("{program} is not installed"));
    }
    let answers = Command::new("docker").arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !answers.is_ok_and(|status| status.success()) {
        return Some("no Docker engine answers".to_owned());
    }
    (!nix::unistd::geteuid().is_root()).then(|| "root is needed".to_owned())
}

/// Runs `docker`; gives what it prints, or else what it complains of.
pub fn docker(arguments: &[&str]) -> Result<String, String> {
    run(Command::new("docker").args(arguments))
}

pub fn run(command: &mut Command) -> Result<String, String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{command:?}: {error}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    match output.status.success() {
        true => Ok(text(&output.stdout)),
        false => Err(format!("{command:?}: {}\n{}\n{}", output.status, text(&output.stdout), text(&output.stderr))),
    }
}

/// Asks again until the answer is as `wanted`.
pub fn until(what: &str, wanted: impl Fn() -> Result<bool, String>) -> Result<(), String> {
    let began = Instant::now();
    while !wanted()? {
        if began.elapsed() > Duration::from_secs(60) {
            return Err(format!("not {what} within a minute"));
        }
        thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

/// Something of the engine's that goes with this value: `docker <removal> <name>`.
pub struct Temporary {
    removal: &'static [&'static str],
    pub name: String,
}

impl Temporary {
    pub fn network(name: String) -> Result<Self, String> {
        docker(&["network", "create", &name])?;
        Ok(Self { removal: &["network", "rm"], name })
    }

    /// An image that is there.
    pub fn image(name: String) -> Self {
        Self { removal: &["image", "rm"], name }
    }

    pub fn container(name: String, arguments: &[&str]) -> Result<Self, String> {
        let started = Self { removal: &["rm", "--force", "--volumes"], name };
        docker(&[&["run", "--detach", "--name", &started.name], arguments].concat())?;
        Ok(started)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = docker(&[self.removal, &[self.name.as_str()]].concat());
    }
}
