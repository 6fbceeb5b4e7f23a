//! The words for people.

use std::net::IpAddr;

use crate::{
    diagnosis::{Confidence, Location, Owner, Severity, Verdict},
    report::{CheckReport, Report},
    target::CheckId,
};

/// Upper case where something is stopped, so that it stands out without colour too.
pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allowed => "allowed",
        Verdict::Blocked => "BLOCKED",
        Verdict::Declined => "DECLINED",
        Verdict::Unknown => "unknown",
    }
}

pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

pub(super) fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Confirmed => "confirmed",
        Confidence::Likely => "likely",
        Confidence::Possible => "possible",
    }
}

/// Who is to act, as the start of a line; `None` where there is nobody to name.
pub(super) fn owner(owner: Owner) -> Option<&'static str> {
    Some(match owner {
        Owner::Operator => "Operator of this device",
        Owner::NetworkAdmin => "Network administrator",
        Owner::FirewallOwner => "Firewall owner",
        Owner::ProxyAdmin => "Proxy administrator",
        Owner::SecurityTeam => "Security team",
        Owner::DnsAdmin => "DNS administrator",
        Owner::HubOwner => "Hub owner",
        Owner::Nobody => return None,
    })
}

/// The checks that a finding concerns, by name; `every protocol` where it is all of several.
pub(super) fn affected(report: &Report, ids: &[CheckId]) -> String {
    if ids.len() > 1 && report.checks.iter().all(|check| ids.contains(&check.id)) {
        return "every protocol".to_owned();
    }
    let names: Vec<String> = ids
        .iter()
        .map(|id| match report.checks.iter().find(|check| check.id == *id) {
            Some(check) => name(report, check),
            None => super::shown(id.as_str()),
        })
        .collect();
    super::and(&names)
}

/// The protocol, with its port where the hub offers it on several.
fn name(report: &Report, check: &CheckReport) -> String {
    let label = check.protocol.label();
    let ambiguous = report.checks.iter().filter(|other| other.protocol == check.protocol).count() > 1;
    if ambiguous { format!("{label} on {}", check.port) } else { label.to_owned() }
}

/// `at hop 2 of 9 (10.20.0.1) or right behind it (10.9.0.7)`; `on this machine`.
pub(super) fn location(location: &Location) -> String {
    if location.hop == 0 {
        return "on this machine".to_owned();
    }
    let in_brackets = |address: Option<IpAddr>| address.map(|ip| format!(" ({ip})")).unwrap_or_default();
    let of = location.of.map(|of| format!(" of {of}")).unwrap_or_default();
    let next = location.next.as_ref().map(|next| in_brackets(next.address)).unwrap_or_default();
    format!("at hop {}{of}{} or right behind it{next}", location.hop, in_brackets(location.address))
}

/// The addresses that were tried, in order; else those that were found.
pub(super) fn addresses(report: &Report) -> Vec<IpAddr> {
    let mut tried = Vec::new();
    for attempt in report.checks.iter().flat_map(|check| &check.attempts) {
        if !tried.contains(&attempt.address) {
            tried.push(attempt.address);
        }
    }
    if tried.is_empty() { report.resolution.addresses.clone() } else { tried }
}
