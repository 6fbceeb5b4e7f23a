//! A device's container beside a hub's, on a network of their own.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

use base64::{Engine, engine::general_purpose::STANDARD};
use hubreach::responder::{CertificateAuthority, ServerIdentity, Validity};
use serde_json::Value;

use super::{
    docker::{Temporary, docker, run as done, until},
    image::{self, IMAGE},
};

const HUB: &str = "hub.test";
/// What the image is promised to run with.
const BARE: [&str; 5] = ["--read-only", "--cap-drop", "ALL", "--user", "65532"];

/// Healthy; its port cut, unhealthy, and why; the port open again, healthy.
pub fn run() -> Result<(), String> {
    image::build()?;
    let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
    certificates(dir.path())?;
    let files = format!("{}:/files:ro", dir.path().display());
    let name = |part: &str| format!("hubreach-test-{part}-{}", std::process::id());
    let network = Temporary::network(name("net"))?;
    let shared = [&["--network", &network.name, "--volume", &files], &BARE[..]].concat();
    let serve = ["serve", "--listen", "0.0.0.0", "--cert", "/files/hub.pem", "--key", "/files/key.pem"];
    let hub = [&shared[..], &["--network-alias", HUB, "--no-healthcheck", IMAGE], &serve].concat();
    let hub = Temporary::container(name("hub"), &hub)?;

    // The check's values but for how often and how soon; the probe itself is as documented.
    let device = [
        &shared[..],
        &["--health-interval", "1s", "--health-start-period", "0s", "--health-retries", "1"],
        &["--env", "HUBREACH_HUB=hub.test", "--env", "HUBREACH_REQUIRE=mqtt", "--env", "HUBREACH_CA=/files/ca.pem"],
        &[IMAGE, "exporter", "--listen", "127.0.0.1:9877"],
    ]
    .concat();
    let device = Temporary::container(name("device"), &device)?;
    let is = |wanted: &'static str| {
        until(wanted, || Ok(health(&device.name)?["Status"] == wanted))
            .map_err(|error| format!("{error}: {:#}", health(&device.name).unwrap_or_default()))
    };
    is("healthy")?;
    firewall(
        &hub.name,
        "add table inet cut; add chain inet cut cut { type filter hook input priority 0; }; add rule inet cut cut tcp dport 8883 drop",
    )?;
    is("unhealthy")?;
    let log = last_output(&device.name)?;
    if !log.starts_with("unhealthy: hub.test: mqtt blocked (silent-drop") || log.lines().count() != 1 {
        return Err(format!("the health log does not name the cause: {log}"));
    }
    println!("the health log says: {log}");
    firewall(&hub.name, "delete table inet cut")?;
    is("healthy")?;
    sidecar_ends_at_once(&device.name)
}

/// What stops a container asks politely first; ten seconds later it does not.
fn sidecar_ends_at_once(container: &str) -> Result<(), String> {
    docker(&["stop", "--time", "10", container])?;
    let status = docker(&["inspect", "--format", "{{.State.ExitCode}}", container])?;
    if status == "0" { Ok(()) } else { Err(format!("stopped with status {status}")) }
}

fn health(container: &str) -> Result<Value, String> {
    let text = docker(&["inspect", "--format", "{{json .State.Health}}", container])?;
    serde_json::from_str(&text).map_err(|error| format!("{error}: {text}"))
}

fn last_output(container: &str) -> Result<String, String> {
    let health = health(container)?;
    let log = health["Log"].as_array().and_then(|log| log.last()).ok_or("no health log")?;
    Ok(log["Output"].as_str().unwrap_or_default().trim().to_owned())
}

/// A rule in the network namespace of a container.
fn firewall(container: &str, rules: &str) -> Result<(), String> {
    let pid = docker(&["inspect", "--format", "{{.State.Pid}}", container])?;
    done(Command::new("nsenter").args(["--net", "--target", &pid, "nft", rules])).map(drop)
}

/// The hub's certificate, its key and its root, for whoever runs in the containers to read.
fn certificates(dir: &Path) -> Result<(), String> {
    let told = |error: std::io::Error| error.to_string();
    let authority = CertificateAuthority::new().map_err(|error| error.to_string())?;
    let ServerIdentity { chain, key, .. } =
        authority.issue(&[HUB.to_owned()], Validity::default()).map_err(|error| error.to_string())?;
    let pem =
        |label: &str, der: &[u8]| format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der));
    let chain: String = chain.iter().map(|der| pem("CERTIFICATE", der)).collect();
    let files = [("ca.pem", authority.pem()), ("hub.pem", chain), ("key.pem", pem("PRIVATE KEY", key.secret_der()))];
    for (name, text) in files {
        fs::write(dir.join(name), text).map_err(told)?;
    }
    fs::set_permissions(dir, fs::Permissions::from_mode(0o755)).map_err(told)
}
