//! Requests to whoever stops something: what to allow, from where, why, and how to verify. One request a device, for all
//! hubs; plain text, to paste into a ticket.

mod request;
mod rules;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use self::request::{Request, checks};
use super::{
    Report,
    screen::{Page, Screen},
    text::{count, shown},
    way::FindingRef,
};
use crate::{
    diagnosis::{Code, Finding, Owner, Severity},
    target::Protocol,
};

/// The most commands that are given where there are many hubs.
const MOST_COMMANDS: usize = 5;

pub(super) fn render(title: Option<&str>, reports: &[Report], screen: Screen) -> String {
    let requests = requests(reports);
    if requests.is_empty() {
        return nothing(reports);
    }
    let mut page = Page::new(screen.for_mail());
    let about = title.map(|title| format!(" ({})", shown(title))).unwrap_or_default();
    page.wrapped("", "  ", &format!("Request: let {} through{about}", hubs(&requests)));
    for request in &requests {
        page.push("\n");
        request.write(&mut page);
    }
    page.push("\n");
    verification(&mut page, &requests);
    page.into_text()
}

/// Whether there is anything to ask of anybody here.
pub(super) fn is_due(reports: &[Report]) -> bool {
    reports.iter().flat_map(|report| &report.findings).any(is_for_the_network)
}

/// One for each person and device, in the order in which they come up.
fn requests(reports: &[Report]) -> Vec<Request<'_>> {
    let mut requests: Vec<Request> = Vec::new();
    for report in reports {
        for finding in report.findings.iter().filter(|finding| is_for_the_network(finding)) {
            let sighting = FindingRef { report, finding };
            match requests.iter_mut().find(|request| request.is_for_whom(finding)) {
                Some(request) => request.sightings.push(sighting),
                None => requests.push(Request { sightings: vec![sighting] }),
            }
        }
    }
    requests
}

/// What the people of this network can mend; a symptom is mended with its cause.
pub(super) fn is_for_the_network(finding: &Finding) -> bool {
    let theirs = matches!(
        finding.owner,
        Owner::FirewallOwner | Owner::NetworkAdmin | Owner::SecurityTeam | Owner::ProxyAdmin | Owner::DnsAdmin
    );
    theirs && finding.severity != Severity::Info && finding.depends_on.is_none()
}

fn nothing(reports: &[Report]) -> String {
    let whom = match reports {
        [one] => shown(&one.hub.host),
        reports => format!("any of {}", count(reports.len(), "hub")),
    };
    format!("Nothing to ask of this network: nothing in it is known to stop {whom}.\n")
}

/// The hub by its name, or how many they are.
fn hubs(requests: &[Request<'_>]) -> String {
    let hosts: BTreeSet<&str> = requests.iter().flat_map(Request::hosts).collect();
    match (hosts.len(), hosts.first()) {
        (1, Some(host)) => shown(host),
        (several, _) => count(several, "hub"),
    }
}

fn verification(page: &mut Page, requests: &[Request<'_>]) {
    page.wrapped("", "  ", "To verify, on the same machine (exit status 0 when all is open):");
    let hubs = protocols(requests);
    if hubs.len() > 1 {
        let _ = writeln!(page, "  hubreach audit PLAN");
        page.wrapped("", "  ", "with the plan that was audited, or a hub at a time:");
    }
    for (host, protocols) in hubs.iter().take(MOST_COMMANDS) {
        let protocols: Vec<&str> = protocols.iter().map(|protocol| protocol.id()).collect();
        let _ = writeln!(
            page,
            "  hubreach {} --protocol {} --require all{}",
            shown(host),
            protocols.join(","),
            besides(requests, host)
        );
    }
    and_more(page, hubs.len());
    let doors = doors(requests);
    let _ = if doors.is_empty() { Ok(()) } else { writeln!(page, "or, without hubreach:") };
    for (host, port) in doors.iter().take(MOST_COMMANDS) {
        let host = shown(host);
        let _ = writeln!(page, "  openssl s_client -connect {host}:{port} -servername {host} </dev/null");
    }
    and_more(page, doors.len());
}

fn and_more(page: &mut Page, commands: usize) {
    if commands > MOST_COMMANDS {
        let _ = writeln!(page, "  and so for the other {}", commands - MOST_COMMANDS);
    }
}

/// The option without which a check does not see what was found of this hub.
fn besides(requests: &[Request<'_>], host: &str) -> &'static str {
    let mut of_it = requests.iter().flat_map(|request| &request.sightings).filter(|one| one.report.hub.host == host);
    let is_asked_for = |one: &FindingRef<'_>| one.finding.code == Code::RevocationUnreachable;
    if of_it.any(is_asked_for) { " --companions" } else { "" }
}

/// What is stopped of each hub.
fn protocols<'a>(requests: &[Request<'a>]) -> BTreeMap<&'a str, BTreeSet<Protocol>> {
    let mut hubs: BTreeMap<&str, BTreeSet<Protocol>> = BTreeMap::new();
    for sighting in requests.iter().flat_map(|request| &request.sightings) {
        let protocols = checks(sighting).map(|check| check.seen.protocol);
        hubs.entry(&sighting.report.hub.host).or_default().extend(protocols);
    }
    hubs
}

/// A hub and a port for each thing that is stopped: of one hub the first, of several one for each port.
fn doors<'a>(requests: &[Request<'a>]) -> Vec<(&'a str, u16)> {
    let sightings = || requests.iter().flat_map(|request| &request.sightings);
    let mut doors: Vec<(&str, u16)> = Vec::new();
    for sighting in sightings() {
        for port in checks(sighting).map(|check| check.seen.port) {
            if !doors.iter().any(|(_, known)| *known == port) {
                doors.push((&sighting.report.hub.host, port));
            }
        }
    }
    doors
}
