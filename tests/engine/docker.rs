//! The engine, by its command.

use std::{
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::need;

/// What this machine lacks for the test, or who runs it.
pub fn missing() -> Option<String> {
    if !need::required() {
        return Some("takes many minutes; HUBREACH_TEST_REQUIRE=1 runs it".to_owned());
    }
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

type Words = &'static [&'static str];

const CONTAINER: Words = &["rm", "--force", "--volumes"];
const NETWORK: Words = &["network", "rm"];
const IMAGE: Words = &["image", "rm"];

/// Something of the engine's that goes with this value: `docker <removal> <name>`.
pub struct Temporary {
    removal: Words,
    pub name: String,
}

/// The name of something of this process alone, which the next run removes where this one is killed.
pub fn own(name: &str) -> String {
    format!("{name}-{}", std::process::id())
}

/// Removes what runs have left that were killed.
pub fn sweep() {
    let lists: [(Words, Words); 3] = [
        (&["ps", "--all", "--format", "{{.Names}}"], CONTAINER),
        (&["network", "ls", "--format", "{{.Name}}"], NETWORK),
        (&["images", "--format", "{{.Repository}}:{{.Tag}}"], IMAGE),
    ];
    for (list, removal) in lists {
        let names = docker(list).unwrap_or_default();
        let left = names.lines().filter(|name| name.starts_with("hubreach-test") && is_over(name));
        left.for_each(|name| drop(Temporary { removal, name: name.to_owned() }));
    }
}

fn is_over(name: &str) -> bool {
    let process = name.rsplit('-').next().and_then(|number| number.parse::<u32>().ok());
    process.is_some_and(|process| !Path::new(&format!("/proc/{process}")).exists())
}

impl Temporary {
    pub fn network(name: String) -> Result<Self, String> {
        docker(&["network", "create", &name])?;
        Ok(Self { removal: NETWORK, name })
    }

    /// An image that is there, or will be.
    pub fn image(name: String) -> Self {
        Self { removal: IMAGE, name }
    }

    pub fn container(name: String, arguments: &[&str]) -> Result<Self, String> {
        let started = Self { removal: CONTAINER, name };
        docker(&[&["run", "--detach", "--name", &started.name], arguments].concat())?;
        Ok(started)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = docker(&[self.removal, &[self.name.as_str()]].concat());
    }
}
