//! One line for a container's health check, as `docker inspect` and `kubectl describe` keep it.

use super::{Check, Report, endpoint::Tested, index::Index, sections::millis, text::shown};
use crate::{
    diagnosis::{Confidence, Finding, Verdict},
    hub::Depth,
};

/// Maximum length of the line, in characters: an engine keeps 4096 bytes of each probe.
const MAX_LINE: usize = 400;

impl Report {
    /// Whether the requirement is met, and why: one line without colour, with the codes of the causes.
    pub fn health(&self) -> String {
        let checks = if self.diagnosis.requirement_met { allowed(self) } else { lacking(self) };
        let health = if self.diagnosis.requirement_met { "healthy" } else { "unhealthy" };
        let line = format!("{health}: {}: {checks}", shown(&self.observations.hub.host));
        let mut short: String = line.chars().take(MAX_LINE).collect();
        if short.len() < line.len() {
            short.push('…');
        }
        short + "\n"
    }
}

/// `mqtt allowed in 41 ms, https allowed in 38 ms, but tls-intercepted`
fn allowed(report: &Report) -> String {
    let as_far = match report.observations.depth {
        Depth::Connect => " as far as connect",
        Depth::Tls => " as far as tls",
        Depth::Exchange => "",
    };
    let index = Index::of(report);
    let parts = report.checks().filter(|check| check.verdict == Verdict::Allowed).map(|check| {
        let took = millis(check).unwrap_or_default();
        let but = index.causes(check).first().map(|cause| format!(", but {}", sure(cause)));
        format!("{} allowed{as_far} in {took:.0} ms{}", named(report, check), but.unwrap_or_default())
    });
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() { "nothing is required".to_owned() } else { parts.join(", ") }
}

/// `mqtt, mqtt-ws blocked (silent-drop, likely): no answer to the TCP SYN; https ...`
fn lacking(report: &Report) -> String {
    let (standing, index) = (report.standing(), Index::of(report));
    let wanting = |check: &Check<'_>| {
        let lacks =
            report.observations.requirement.lacks(check.observations.protocol, check.observations.route, &standing);
        lacks && check.verdict != Verdict::Allowed && index.is_offered(*check)
    };
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    let wanting: Vec<Check<'_>> = report.checks().filter(wanting).collect();
    // Once the requirement is lost, the checks still running are cancelled: that is not a cause.
    let lost = wanting.iter().any(|check| check.verdict != Verdict::Unknown);
    for check in wanting.into_iter().filter(|check| !lost || check.verdict != Verdict::Unknown) {
        let (why, protocol) = (why(&index, check), named(report, check));
        match groups.iter_mut().find(|(other, _)| *other == why) {
            Some((_, protocols)) => protocols.push(protocol),
            None => groups.push((why, vec![protocol])),
        }
    }
    let parts: Vec<String> = groups.iter().map(|(why, protocols)| format!("{} {why}", protocols.join(", "))).collect();
    if parts.is_empty() { "ended before anything was known".to_owned() } else { parts.join("; ") }
}

/// `mqtt`, or `mqtt@proxy` if not every check goes directly.
fn named(report: &Report, check: Check<'_>) -> String {
    let (protocol, route) = (check.observations.protocol, check.observations.route);
    match Tested::of(report) {
        Tested::Direct => protocol.to_string(),
        Tested::Proxy | Tested::Both => format!("{protocol}@{route}"),
    }
}

fn why(index: &Index<'_>, check: Check<'_>) -> String {
    let verdict = check.verdict;
    let cause = index.causes(check).first().map(|cause| format!(" ({})", sure(cause)));
    let cause = cause.unwrap_or_default();
    match check.summary.is_empty() {
        true => format!("{verdict}{cause}"),
        false => format!("{verdict}{cause}: {}", shown(check.summary)),
    }
}

/// `silent-drop, likely`
fn sure(cause: &Finding) -> String {
    match cause.confidence {
        Confidence::Confirmed => cause.code.to_string(),
        unproved => format!("{}, {unproved}", cause.code),
    }
}
