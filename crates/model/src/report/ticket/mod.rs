//! Requests to the owner of each cause: what to allow, from where, why, and how to verify. One request per device, for
//! all hubs; plain text, to paste into a ticket.

mod connect;
mod request;
mod rules;
mod verify;

use std::collections::BTreeSet;

use self::request::Request;
use super::{
    Report,
    finding_ref::FindingRef,
    plan,
    screen::{Page, Screen},
    sections,
    text::{count, shown},
};
use crate::{
    diagnosis::{Code, Finding, Owner, Severity, remedy::Remedy},
    observation::Stage,
};

pub(super) fn render(title: Option<&str>, reports: &[Report], screen: Screen) -> String {
    let requests = requests(reports);
    if requests.is_empty() {
        return nothing(reports, screen);
    }
    let mut page = Page::new(screen.for_mail());
    let about = title.map(|title| format!(" ({})", shown(title))).unwrap_or_default();
    page.wrapped("", "  ", &format!("Request: {}{about}", asked(&requests)));
    for request in &requests {
        page.push("\n");
        request.write(&mut page);
    }
    places(&mut page, reports, &requests);
    page.push("\n");
    verify::write(&mut page, &requests);
    page.into_text()
}

/// Whether there is anything to request.
pub(super) fn is_due(reports: &[Report]) -> bool {
    reports.iter().flat_map(|report| &report.diagnosis.findings).any(is_for_the_network)
}

/// One request per person and device, in order of appearance.
fn requests(reports: &[Report]) -> Vec<Request<'_>> {
    let mut requests: Vec<Request> = Vec::new();
    for report in reports {
        for finding in report.diagnosis.findings.iter().filter(|finding| is_for_the_network(finding)) {
            let sighting = FindingRef { report, finding };
            match requests.iter_mut().find(|request| request.is_for_whom(finding)) {
                Some(request) => request.sightings.push(sighting),
                None => requests.push(Request { sightings: vec![sighting] }),
            }
        }
    }
    requests
}

/// What the people of this network can fix. A symptom is fixed with its cause.
pub(super) fn is_for_the_network(finding: &Finding) -> bool {
    let theirs = matches!(
        finding.owner,
        Owner::FirewallOwner | Owner::NetworkAdmin | Owner::SecurityTeam | Owner::ProxyAdmin | Owner::DnsAdmin
    );
    theirs && finding.severity != Severity::Info && finding.depends_on.is_none()
}

/// What is left is for the person at the device, or the hub's owner, to fix.
fn nothing(reports: &[Report], screen: Screen) -> String {
    let whom = match reports {
        [one] => shown(&one.observations.hub.host),
        reports => format!("any of {}", count(reports.len(), "hub")),
    };
    let mut out = Page::new(screen.for_mail());
    let errors = reports.iter().flat_map(|report| &report.diagnosis.findings).filter(|finding| {
        finding.severity == Severity::Error && finding.owner != Owner::Nobody && finding.depends_on.is_none()
    });
    let mut lines: Vec<String> = Vec::new();
    for finding in errors {
        for (lead, what) in sections::actions(finding) {
            let line = format!("{lead}: {}", shown(&what));
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    match lines.is_empty() {
        true => {
            out.wrapped("", "  ", &format!("Nothing to ask of this network: nothing in it is known to stop {whom}."))
        }
        false => {
            out.wrapped(
                "",
                "  ",
                &format!("Nothing to ask of this network yet: what stops {whom} is for others to look at first."),
            );
            out.part();
        }
    }
    lines.iter().for_each(|line| out.wrapped("", "  ", line));
    out.into_text()
}

/// The summary of all requests.
fn asked(requests: &[Request<'_>]) -> String {
    let hubs = hubs(requests);
    let findings = || requests.iter().flat_map(|request| &request.sightings).map(|sighting| sighting.finding);
    let is_all = |is: &dyn Fn(&Finding) -> bool| findings().all(is);
    if is_all(&|finding| matches!(finding.remedy(), Remedy::Open | Remedy::OpenAfter)) {
        format!("let {hubs} through")
    } else if is_all(&|finding| finding.remedy() == Remedy::Exempt) {
        format!("exempt {hubs} from TLS inspection")
    } else if is_all(&|finding| matches!(finding.code, Code::ProxyPortDenied | Code::ProxyHostDenied)) {
        format!("let {hubs} through the proxy")
    } else if is_all(&|finding| finding.stage == Stage::Resolve) {
        format!("let the name server answer for {hubs}")
    } else {
        format!("mend the way to {hubs}")
    }
}

/// What the plan says of the hubs, for the person who has to find them.
fn places(page: &mut Page, reports: &[Report], requests: &[Request<'_>]) {
    let asked: BTreeSet<&str> = requests.iter().flat_map(Request::hosts).collect();
    let locations = reports.iter().filter(|report| asked.contains(report.observations.hub.host.as_str()));
    let locations: BTreeSet<String> = locations.filter_map(placed).collect();
    if locations.is_empty() {
        return;
    }
    page.push("\nWhere that is:\n");
    locations.iter().for_each(|line| page.wrapped("  ", "    ", line));
}

/// `pump-01.azure-devices.net: Pump 1, Leeds. Contact: Control room. Note: behind the gate.`
fn placed(report: &Report) -> Option<String> {
    let (host, label) = (shown(&report.observations.hub.host), report.label());
    let named = (label != host).then_some(label);
    let besides = plan::besides(report).map(|(key, value)| format!("{key}: {value}"));
    let parts: Vec<String> = named.into_iter().chain(besides).collect();
    (!parts.is_empty()).then(|| format!("{host}: {}.", parts.join(". ")))
}

/// The hub's name, or the number of hubs.
fn hubs(requests: &[Request<'_>]) -> String {
    let hosts: BTreeSet<&str> = requests.iter().flat_map(Request::hosts).collect();
    match (hosts.len(), hosts.first()) {
        (1, Some(host)) => shown(host),
        (several, _) => count(several, "hub"),
    }
}
