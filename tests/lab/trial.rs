//! One scenario: the network is made, the program checks the hub from within, and what it says is held against what must be
//! said.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    process::Output,
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};

use hubreach::responder::CertificateAuthority;
use serde_json::Value;

use super::{
    hub::{HOST, Hub},
    judge,
    middlebox::Running,
    names::NameServer,
    netns::UNPRIVILEGED,
    pki,
    proxy::{self, Proxy},
    recorded::{self, Recorded},
    scenario::{Authority, Scenario},
    shell,
    topology::{self, FORWARDER, Network, ROUTER_V4, SECOND_V4},
};

/// Longer than any check takes by default; the program itself ends by its deadline of 15 s.
const LIMIT: &str = "40";

/// Where programs look for a proxy: what holds for whoever runs the tests does not hold in the lab.
const PROXIES: [&str; 6] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy", "HTTP_PROXY"];

/// The folder of the proxy.
const PROXY: &str = "proxy";

/// What timeout(1) exits with when it had to end the program.
const TIMED_OUT: i32 = 124;

/// For a whole scenario: the check, and the making of its network, hub and boxes.
const WHOLE: Duration = Duration::from_secs(75);

/// For `health` where nothing can leave the device: its looks around, and the start of the program on a busy machine.
const HEALTH: Duration = Duration::from_millis(2500);

/// Runs a scenario, and fails rather than hang: one that is given up ends with the process of the tests. Who looks around in a
/// shell takes as long as they like.
pub fn run_in_time(name: &str, scenario: Scenario) -> Result<(), String> {
    if shell::is_wanted() {
        return run(name, &scenario);
    }
    let (tell, told) = mpsc::channel();
    let name = name.to_owned();
    thread::spawn(move || tell.send(run(&name, &scenario)));
    told.recv_timeout(WHOLE).unwrap_or_else(|error| match error {
        mpsc::RecvTimeoutError::Timeout => Err(format!("not done after {WHOLE:?}")),
        mpsc::RecvTimeoutError::Disconnected => Err("panicked, as said above".to_owned()),
    })
}

fn run(name: &str, scenario: &Scenario) -> Result<(), String> {
    let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
    run_in(dir.path(), name, scenario).map_err(|why| why + &proxy::said(&dir.path().join(PROXY)))
}

fn run_in(dir: &Path, name: &str, scenario: &Scenario) -> Result<(), String> {
    let told = |error: std::io::Error| error.to_string();
    let authority = |name| CertificateAuthority::named(name).map_err(|error| error.to_string());
    let (own, boxes, nobody) = (authority("Hub CA")?, Arc::new(authority("Inspector CA")?), authority("Nobody CA")?);
    let network = Network::new(scenario)?;
    let _hub = Hub::planned(network.node("hub"), &scenario.hub, &own, dir)?;
    let mut running = Vec::new();
    for (name, node) in &scenario.nodes {
        if let Some(middlebox) = &node.middlebox {
            for namespace in network.named(name)? {
                running.push(Running::start(namespace, middlebox.clone(), boxes.clone())?);
            }
        }
    }
    let away = scenario.names.servers.iter().zip([ROUTER_V4, SECOND_V4]).map(|(zone, at)| ("r1", zone, at));
    let here = scenario.names.forwarder.iter().map(|zone| ("dev", zone, FORWARDER));
    let servers = away.chain(here).map(|(node, zone, at)| {
        let at: SocketAddr = format!("{at}:53").parse().map_err(|_| "an address".to_owned())?;
        let started = network.node(node).run(|| NameServer::start(at, zone.clone())).and_then(|server| server);
        started.map_err(told)
    });
    let _servers: Vec<NameServer> = servers.collect::<Result<_, String>>()?;
    let proxy = scenario.proxy.as_ref().map(|plan| Proxy::start(plan, &network, &dir.join(PROXY), &own.pem()));
    let proxy = proxy.transpose()?;
    topology::write_etc(dir, &scenario.names, &scenario.device).map_err(told)?;

    let pem = |authorities: &[Authority]| -> Result<String, String> {
        let one = |authority: &Authority| match authority {
            Authority::Hub => Ok(own.pem()),
            Authority::Middlebox => Ok(boxes.pem()),
            Authority::Proxy => proxy.as_ref().ok_or("there is no proxy")?.authority(),
            Authority::Nobody => Ok(nobody.pem()),
        };
        authorities.iter().map(one).collect()
    };
    let device = dir.join(pki::DEVICE);
    if scenario.hub.pki.is_none() {
        fs::write(&device, pem(&scenario.device.trusts)?).map_err(told)?;
        fs::write(dir.join(pki::ROOTS), pem(&[Authority::Hub])?).map_err(told)?;
    }
    let typed = scenario.typed.as_deref().unwrap_or(HOST).to_owned();
    let mut arguments = vec!["check".to_owned(), typed, "--ca".to_owned(), device.display().to_string()];
    if scenario.device.knows_the_hub {
        let hub = dir.join(pki::ROOTS);
        arguments.extend(["--hub-ca".to_owned(), hub.display().to_string()]);
    }
    arguments.extend(scenario.arguments.iter().cloned());
    if shell::is_wanted() {
        shell::open(&network, dir, &program(scenario, arguments.clone()))?;
    }
    if let Some(said) = &scenario.expect.health {
        health(&network, scenario, dir, &arguments, said)?;
    }
    let report = check(&network, scenario, dir, arguments)?;
    super::schema::validate(&report);
    let saved = dir.join("report.json");
    fs::write(&saved, report.to_string()).map_err(told)?;
    let again = network.node("dev").output(&[
        env!("CARGO_BIN_EXE_hubreach"),
        "diagnose",
        &saved.display().to_string(),
        "--format",
        "json",
    ]);
    let again = serde_json::from_slice(&again.map_err(told)?.stdout).map_err(|error| error.to_string())?;
    judge::alike(&report, &again)?;
    judge::expected(&scenario.expect, &report).map_err(|why| format!("{why}\n{}\n{report:#}", scenario.about))?;
    if recorded::is_recording() {
        Recorded::new(name, report)?.keep().map_err(told)?;
    }
    Ok(())
}

/// The same arguments, for one line.
fn health(network: &Network, scenario: &Scenario, dir: &Path, arguments: &[String], said: &str) -> Result<(), String> {
    let arguments = arguments.iter().map(|word| if word == "check" { "health".to_owned() } else { word.clone() });
    let began = Instant::now();
    let output = run_program(network, scenario, dir, arguments.collect())?;
    let (line, took) = (String::from_utf8_lossy(&output.stdout), began.elapsed());
    if output.status.code() == Some(1) && line.contains(said) && took < HEALTH {
        return Ok(());
    }
    Err(format!("health took {took:?}, ended with {} and said {line:?}, not {said:?}", output.status))
}

/// The program with these arguments, as the scenario's device runs it.
fn program(scenario: &Scenario, arguments: Vec<String>) -> Vec<String> {
    let mut words: Vec<String> = vec!["timeout".to_owned(), LIMIT.to_owned()];
    words.extend(UNPRIVILEGED.map(str::to_owned));
    words.push("env".to_owned());
    words.extend(PROXIES.iter().flat_map(|name| ["-u".to_owned(), (*name).to_owned()]));
    words.extend(scenario.device.environment.iter().map(|(name, value)| format!("{name}={value}")));
    if let Some(clock) = &scenario.device.clock {
        // The time of day alone: what is waited for is counted by a clock of its own.
        words.extend(["env", "DONT_FAKE_MONOTONIC=1", "faketime", "-f", clock].map(str::to_owned));
    }
    words.push(env!("CARGO_BIN_EXE_hubreach").to_owned());
    words.extend(arguments);
    words
}

fn run_program(network: &Network, scenario: &Scenario, dir: &Path, arguments: Vec<String>) -> Result<Output, String> {
    let mut words = program(scenario, arguments);
    topology::with_etc(dir, &mut words);
    network.node("dev").output(&words).map_err(|error| error.to_string())
}

fn check(network: &Network, scenario: &Scenario, dir: &Path, mut arguments: Vec<String>) -> Result<Value, String> {
    arguments.extend(["--format", "json"].map(str::to_owned));
    let output = run_program(network, scenario, dir, arguments)?;
    if output.status.code() == Some(TIMED_OUT) {
        return Err(format!("the check was still running after {LIMIT} s"));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let report: Value = serde_json::from_str(&text)
        .map_err(|error| format!("{error}: {text}{}", String::from_utf8_lossy(&output.stderr)))?;
    let met = report["requirement"]["met"] == true;
    match (output.status.code(), met) {
        (Some(0), true) | (Some(1), false) => Ok(report),
        (status, _) => Err(format!("exit status {status:?}, requirement met: {met}")),
    }
}
