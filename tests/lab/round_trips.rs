//! Long and lossy links: what they cost, and that they are not taken for blocked ones.

use std::time::Duration;

use hubreach::responder::{Behaviour, PortBehaviour, Tls};
use serde_json::Value;

use super::{netns::Namespace, pair::Pair, tun::Quality};

const FIVE: [&str; 5] = ["mqtt@direct", "amqp@direct", "https@direct", "mqtt-ws@direct", "amqp-ws@direct"];

/// Every protocol, and nobody is accused of anything.
fn all_allowed(report: &Value) -> Result<(), String> {
    let checks = report["checks"].as_array().map(Vec::as_slice).unwrap_or_default();
    let allowed: Vec<_> =
        checks.iter().filter(|check| check["verdict"] == "allowed").filter_map(|check| check["id"].as_str()).collect();
    let findings = report["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
    let accused = findings.iter().any(|finding| finding["severity"] != "info");
    if allowed == FIVE && !accused { Ok(()) } else { Err(format!("allowed: {allowed:?}\n{report:#}")) }
}

/// The program under test has no capability, so that what it learns, anybody may learn.
pub fn the_device_has_no_capability() -> Result<(), String> {
    let device = Namespace::new().map_err(|error| error.to_string())?;
    let output = device.run_unprivileged("cat", &["/proc/self/status"]).map_err(|error| error.to_string())?;
    let status = String::from_utf8_lossy(&output.stdout);
    let capabilities: Vec<_> = status.lines().filter(|line| line.starts_with("Cap")).collect();
    let none = |line: &&str| line.split_whitespace().nth(1).is_some_and(|set| set.trim_matches('0').is_empty());
    if capabilities.len() == 5 && capabilities.iter().all(none) { Ok(()) } else { Err(format!("{capabilities:?}")) }
}

/// TCP, TLS 1.3, upgrade, exchange: four round trips, and a little for all that is not the link.
pub fn four_round_trips_suffice() -> Result<(), String> {
    within(4.0, Behaviour::default())
}

/// TLS 1.2 takes one more.
pub fn five_round_trips_suffice_with_tls_1_2() -> Result<(), String> {
    let tls = Tls { tls12_only: true, ..Tls::default() };
    within(5.0, Behaviour::of_ports(PortBehaviour::from(tls)))
}

fn within(round_trips: f64, behaviour: Behaviour) -> Result<(), String> {
    let round_trip = Duration::from_millis(700);
    let report = Pair::new(Quality::long(round_trip), None, behaviour)?.check()?;
    all_allowed(&report)?;
    let took = report["duration_ms"].as_f64().ok_or("no duration")?;
    let least = round_trip.as_secs_f64() * 1000.0 * round_trips;
    // Less would say that the link is shorter than it shall be.
    let right = least..=least * 1.15;
    if right.contains(&took) { Ok(()) } else { Err(format!("took {took} ms, not {right:?} ms:\n{report:#}")) }
}

/// One packet in ten is lost, each way, and nothing is blocked.
pub fn a_lossy_link_is_not_a_blocked_one() -> Result<(), String> {
    // At once, so that they take no longer than the slowest; each on a link of its own, with a seed of its own.
    let runs = std::thread::scope(|scope| {
        let run = |seed| -> Result<f64, String> {
            let quality =
                Quality { round_trip: Duration::from_millis(40), lost_per_mille: 100, seed, bits_per_second: None };
            let report = Pair::new(quality, None, Behaviour::default())?.check()?;
            all_allowed(&report).map_err(|why| format!("seed {seed}: {why}"))?;
            Ok(report["duration_ms"].as_f64().unwrap_or_default())
        };
        let runs: Vec<_> = (1..=20).map(|seed| scope.spawn(move || run(seed))).collect();
        runs.into_iter()
            .map(|run| run.join().map_err(|_| "panicked".to_owned()).and_then(|run| run))
            .collect::<Vec<_>>()
    });
    // A SYN that is lost costs a second: without any, nothing was lost and nothing is proved.
    if !runs.iter().flatten().any(|took| *took > 1000.0) {
        return Err(format!("the link loses nothing: {runs:?}"));
    }
    let failed: Vec<_> = runs.iter().filter_map(|run| run.as_ref().err()).map(String::as_str).collect();
    if failed.is_empty() { Ok(()) } else { Err(format!("{} of 20 failed:\n{}", failed.len(), failed.join("\n"))) }
}
