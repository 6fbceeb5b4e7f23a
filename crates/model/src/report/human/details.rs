//! What was measured, for readers who want it: each address stage by stage, who vouches for the peer, and which
//! experiments looked for the reason.

use std::{collections::HashSet, fmt::Write as _};

use crate::{
    hub::Route,
    observation::{Attempt, Certificate, CheckObservations, Experiment, ExperimentResult, Key, Outcome, TlsEvidence},
    report::{
        Report, proxy,
        screen::Page,
        sections,
        style::BOLD,
        text::{count, duration, listed, shown},
    },
};

pub(super) fn write(page: &mut Page, report: &Report) {
    resolution(page, report);
    for line in proxy::lines(report) {
        page.wrapped("  ", "    ", &line);
    }
    for check in sections::sorted(report) {
        for attempt in &check.observations.attempts {
            let port = connected_to(report, check.observations);
            page.wrapped("  ", "    ", &format!("{} at {}", check.observations.id, completed(attempt, port)));
        }
    }
    peers(page, report);
    tried(page, "experiments", &report.observations.experiments);
    let on_the_way = report.observations.proxy.iter().flat_map(|proxy| &proxy.experiments);
    tried(page, "experiments on the way to the proxy", on_the_way);
}

fn resolution(page: &mut Page, report: &Report) {
    page.part();
    let _ = writeln!(page, "{BOLD}What was measured{BOLD:#}");
    let addresses: Vec<String> = report.observations.resolution.addresses.iter().map(ToString::to_string).collect();
    let from =
        report.observations.vantage.host.as_deref().map(|host| format!(", from {}", shown(host))).unwrap_or_default();
    let found = if addresses.is_empty() { "no address".to_owned() } else { listed(&addresses) };
    let took =
        report.observations.resolution.duration_ms.map(|took| format!(", in {}", duration(took))).unwrap_or_default();
    page.wrapped("  ", "    ", &format!("{}: {found}{took}{from}", shown(&report.observations.hub.host)));
}

/// The port of the addresses that a check connects to: the proxy's, if it goes through one.
fn connected_to(report: &Report, check: &CheckObservations) -> u16 {
    match (check.route, &report.observations.proxy) {
        (Route::Proxy, Some(proxy)) => proxy.port,
        _ => check.port,
    }
}

/// `10.0.0.1:8883: connect 12 ms, TLS 20 ms, exchange failed after 5.0 s`
fn completed(attempt: &Attempt, port: u16) -> String {
    let address = std::net::SocketAddr::new(attempt.address, port);
    let stages = sections::stages(attempt).into_iter().filter_map(|stage| {
        let took = stage.millis.map(duration).unwrap_or_default();
        match stage.outcome {
            Outcome::Ok => Some(format!("{} {took}", stage.stage)),
            Outcome::Failed => Some(format!("{} failed after {took}", stage.stage)),
            Outcome::Cancelled => Some(format!("{} cut short after {took}", stage.stage)),
            Outcome::NotReached => None,
        }
    });
    format!("{address}: {}", stages.collect::<Vec<_>>().join(", "))
}

/// Each certificate once, even if many checks saw it. Certificates with the same description, for example of a proxy
/// that makes one per connection, are merged.
fn peers(page: &mut Page, report: &Report) {
    let attempts = report.checks().flat_map(|check| &check.observations.attempts);
    let (mut seen, mut peers): (HashSet<&str>, Vec<(String, usize)>) = (HashSet::new(), Vec::new());
    for tls in attempts.filter_map(|attempt| attempt.tls.evidence()) {
        let Some(own) = tls.chain.first().filter(|own| seen.insert(&own.sha256)) else { continue };
        let peer = peer(tls, own);
        match peers.iter_mut().find(|(known, _)| *known == peer) {
            Some((_, times)) => *times += 1,
            None => peers.push((peer, 1)),
        }
    }
    for (peer, times) in peers {
        let others = if times > 1 { format!("; {} more like it", times - 1) } else { String::new() };
        page.wrapped("  ", "    ", &format!("certificate of {peer}{others}"));
    }
}

fn peer(tls: &TlsEvidence, own: &Certificate) -> String {
    let with = [&tls.version, &tls.cipher_suite, &tls.key_exchange].into_iter().flatten();
    let with: Vec<String> = with.map(|text| shown(text)).collect();
    let with = if with.is_empty() { String::new() } else { format!("; {}", with.join(", ")) };
    let key = own.key.as_ref().map(|key| format!(", {}", spoken(key))).unwrap_or_default();
    let of = |text: &Option<String>| text.as_deref().map_or_else(|| "unknown".to_owned(), shown);
    format!("{}, issued by {}, valid until {}{key}{with}", of(&own.subject), of(&own.issuer), of(&own.not_after))
}

/// `RSA key of 2048 bits`: older devices support RSA only.
fn spoken(key: &Key) -> String {
    let bits = key.bits.map(|bits| format!(" of {bits} bits")).unwrap_or_default();
    let only = if key.algorithm == "RSA" { "" } else { " (devices that know RSA alone fail)" };
    format!("{} key{bits}{only}", shown(&key.algorithm))
}

/// What was done, and for how long. The results are already in the evidence.
fn tried<'a>(page: &mut Page, which: &str, experiments: impl IntoIterator<Item = &'a Experiment>) {
    let mut kinds: Vec<(&str, usize, f64)> = Vec::new();
    for experiment in experiments {
        let Some(kind) = experiment.known().map(ExperimentResult::kind) else { continue };
        match kinds.iter_mut().find(|(known, ..)| *known == kind) {
            Some((_, times, took)) => (*times, *took) = (*times + 1, took.max(experiment.duration_ms)),
            None => kinds.push((kind, 1, experiment.duration_ms)),
        }
    }
    if kinds.is_empty() {
        return;
    }
    let listed = kinds
        .iter()
        .map(|(kind, times, took)| format!("{} ({}, {})", shown(kind), count(*times, "time"), duration(*took)));
    page.wrapped("  ", "    ", &format!("{which}: {}", listed.collect::<Vec<_>>().join(", ")));
}
