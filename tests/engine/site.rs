//! A device's container beside a hub's, on a network of their own.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

use base64::{Engine, engine::general_purpose::STANDARD};
use hubreach::responder::{CertificateAuthority, ServerIdentity, Validity};
use serde_json::Value;

use super::{
    docker::{self, Temporary, docker, run as done, sweep, until},
    image,
};

const HUB: &str = "hub.test";
/// What the image is promised to run with.
const BARE: [&str; 5] = ["--read-only", "--cap-drop", "ALL", "--user", "65532"];

/// Healthy; its port cut, unhealthy, and why; the port open again, healthy.
pub fn run() -> Result<(), String> {
    sweep();
    // The containers go before their images.
    let images = image::build()?;
    let (image, own) = (&images.hubreach, &images.device);
    let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
    certificates(dir.path())?;
    let files = format!("{}:/files:ro", dir.path().display());
    let name = |part: &str| docker::own(&format!("hubreach-test-{part}"));
    let network = Temporary::network(name("net"))?;
    let shared = [&["--network", &network.name, "--volume", &files], &BARE[..]].concat();
    let serve = ["serve", "--listen", "0.0.0.0", "--cert", "/files/hub.pem", "--key", "/files/key.pem"];
    let hub = [&shared[..], &["--network-alias", HUB, "--no-healthcheck", &image.name], &serve].concat();
    let hub = Temporary::container(name("hub"), &hub)?;

    // The check's values but for how often and how soon; the probe itself is as documented.
    let device = [
        &shared[..],
        &["--health-interval", "1s", "--health-start-period", "0s", "--health-retries", "1"],
        &["--env", "HUBREACH_HUB=hub.test", "--env", "HUBREACH_REQUIRE=mqtt", "--env", "HUBREACH_CA=/files/ca.pem"],
        &[&image.name, "exporter", "--listen", "127.0.0.1:9877"],
    ]
    .concat();
    let device = Temporary::container(name("device"), &device)?;
    is(&device.name, "healthy")?;
    let ca = ["--env", "HUBREACH_CA=/files/ca.pem"];
    in_an_image_of_its_own(&[&shared[..], &ca].concat(), name("own"), &own.name)?;
    by_a_name_from_a_file(&shared, &hub.name, &image.name)?;
    misused_is_one_line_and_1(&image.name)?;
    firewall(
        &hub.name,
        "add table inet cut; add chain inet cut cut { type filter hook input priority 0; }; add rule inet cut cut tcp dport 8883 drop",
    )?;
    is(&device.name, "unhealthy")?;
    let log = last_output(&device.name)?;
    if !log.starts_with("unhealthy: hub.test: mqtt blocked (silent-drop") || log.lines().count() != 1 {
        return Err(format!("the health log does not name the cause: {log}"));
    }
    println!("the health log says: {log}");
    firewall(&hub.name, "delete table inet cut")?;
    is(&device.name, "healthy")?;
    sidecar_ends_at_once(&device.name)
}

fn is(container: &str, wanted: &str) -> Result<(), String> {
    until(wanted, || Ok(health(container)?["Status"] == wanted))
        .map_err(|error| format!("{error}: {:#}", health(container).unwrap_or_default()))
}

/// The example of a device's image, as a user fills it in.
fn in_an_image_of_its_own(shared: &[&str], name: String, image: &str) -> Result<(), String> {
    let hub = ["--env", "HUBREACH_HUB=hub.test", "--health-interval", "1s"];
    let device = Temporary::container(name, &[shared, &hub, &[image, "sleep", "600"]].concat())?;
    is(&device.name, "healthy")
}

/// From scratch there is no `/etc/nsswitch.conf`: the engine's name server is asked in the other probes, `/etc/hosts` here.
fn by_a_name_from_a_file(shared: &[&str], hub: &str, image: &str) -> Result<(), String> {
    let address = docker(&["inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", hub])?;
    let host = format!("other.example:{address}");
    let health = ["health", "other.example", "--protocol", "mqtt", "--depth", "connect"];
    let line = docker(&[&["run", "--rm", "--add-host", &host], shared, &[image], &health].concat())?;
    match line.starts_with("healthy: other.example: mqtt allowed as far as connect") {
        true => Ok(()),
        false => Err(format!("by a name of /etc/hosts: {line}")),
    }
}

fn misused_is_one_line_and_1(image: &str) -> Result<(), String> {
    for misused in [&["health"][..], &["health", "contoso"], &["health", HUB, "--depht", "tls"]] {
        let run = Command::new("docker").args(["run", "--rm", image]).args(misused).output();
        let output = run.map_err(|error| error.to_string())?;
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        if output.status.code() != Some(1) || said.lines().count() != 1 || !said.starts_with("error: ") {
            return Err(format!("{misused:?}: {}: {said}", output.status));
        }
    }
    Ok(())
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
