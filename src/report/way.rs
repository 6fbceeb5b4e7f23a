//! Ways of mending: findings of different hubs that one person mends in one way, at one device.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    Report,
    text::{self, listed, shown},
};
use crate::diagnosis::{Finding, Owner};

/// The most hubs that are named in a sentence.
const MOST_NAMED: usize = 3;

/// A finding, and the report that it stands in.
#[derive(Clone, Copy)]
pub(super) struct Sighting<'a> {
    pub(super) report: &'a Report,
    pub(super) finding: &'a Finding,
}

/// Who is to do what, and where. The names of hubs, the ports and what is behind the device are left out of what is to be done:
/// one person opens many ports to many hubs in one way.
#[derive(PartialEq, Eq)]
pub(super) struct Way {
    pub(super) owner: Owner,
    /// The device that is to be changed, as far as it is known.
    pub(super) device: Option<String>,
    form: String,
}

impl Way {
    pub(super) fn of(Sighting { report, finding }: Sighting<'_>) -> Self {
        let form = with_host(&finding.fix, report, "{host}");
        let form = with_fact(&with_ports(&form, finding, "{ports}"), finding, "place", "{place}");
        Self { owner: finding.owner, device: device(finding), form }
    }
}

/// The device that is to be changed, as far as it is known: what stops the packets may stand right behind it.
pub(super) fn device(finding: &Finding) -> Option<String> {
    let at = finding.location.as_ref().and_then(|location| location.address).map(|address| address.to_string());
    at.or_else(|| finding.facts.get("offender")?.as_str().map(str::to_owned))
}

/// Where the device of all of `sightings` is: in full where that is seen alike for each, else no more than they agree on.
pub(super) fn place(sightings: &[Sighting<'_>]) -> Option<String> {
    let locations = || sightings.iter().filter_map(|sighting| sighting.finding.location.as_ref());
    let places: BTreeSet<String> = locations().map(text::place).collect();
    match (places.len(), places.first()) {
        (1, Some(place)) => Some(place.clone()),
        _ => device_or_behind(sightings),
    }
}

fn device_or_behind(sightings: &[Sighting<'_>]) -> Option<String> {
    let mut locations = sightings.iter().filter_map(|sighting| sighting.finding.location.as_ref());
    let behind = if locations.any(|at| at.next.is_some()) { " or a device behind it" } else { "" };
    sightings.iter().find_map(|sighting| device(sighting.finding)).map(|device| format!("{}{behind}", shown(&device)))
}

/// What is to be done about all of `sightings`, which are mended in the same way; at these ports, where theirs differ.
pub(super) fn sentence(sightings: &[Sighting<'_>], ports: Option<&[u16]>) -> String {
    let [Sighting { finding, .. }, ..] = sightings else { return String::new() };
    let mut fix = finding.fix.clone();
    if let Some(ports) = ports {
        let ports: Vec<String> = ports.iter().map(ToString::to_string).collect();
        fix = with_ports(&fix, finding, &listed(&ports));
    }
    let places: BTreeSet<_> = sightings.iter().filter_map(|sighting| fact(sighting.finding, "place")).collect();
    if let (2.., Some(place)) = (places.len(), device_or_behind(sightings)) {
        fix = with_fact(&fix, finding, "place", &place);
    }
    with_hosts(&fix, sightings)
}

/// What is said of the first of `sightings`, said of all of them.
pub(super) fn with_hosts(text: &str, sightings: &[Sighting<'_>]) -> String {
    let mut hosts: Vec<&str> = Vec::new();
    for Sighting { report, .. } in sightings {
        if !hosts.contains(&report.hub.host.as_str()) {
            hosts.push(&report.hub.host);
        }
    }
    match (sightings, hosts.as_slice()) {
        ([], _) | (_, [_]) => text.to_owned(),
        // What follows speaks of one hub: `its address`.
        ([first, ..], hosts) => with_host(text, first.report, &format!("each of {}", some(hosts))),
    }
}

/// `a, b and c`, or `a, b, c and 4 more`.
pub(super) fn some(names: &[&str]) -> String {
    let mut said: Vec<String> = names.iter().take(MOST_NAMED).map(|name| shown(name)).collect();
    if names.len() > MOST_NAMED {
        said.push(format!("{} more", names.len() - MOST_NAMED));
    }
    listed(&said)
}

/// `text` with `other` in place of the hub's name. A bare name may be any word of ours, so it stays.
pub(super) fn with_host(text: &str, report: &Report, other: &str) -> String {
    let host = &report.hub.host;
    if host.contains(['.', ':']) { replaced(text, host, other) } else { text.to_owned() }
}

/// `text` with `other` in place of the finding's ports.
fn with_ports(text: &str, finding: &Finding, other: &str) -> String {
    match fact(finding, "ports") {
        Some(ports) => replaced(text, &format!("TCP {ports}"), &format!("TCP {other}")),
        None => text.to_owned(),
    }
}

fn with_fact(text: &str, finding: &Finding, name: &str, other: &str) -> String {
    fact(finding, name).map_or_else(|| text.to_owned(), |value| replaced(text, &value, other))
}

/// A fact that is a list, as sentences tell it.
fn fact(finding: &Finding, name: &str) -> Option<String> {
    let values = finding.facts.get(name)?.as_array()?;
    let said = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let said = listed(&values.iter().map(said).collect::<Vec<_>>());
    (!said.is_empty()).then_some(said)
}

/// `text` with `other` wherever `word` stands by itself, and not within a longer name or number.
fn replaced(text: &str, word: &str, other: &str) -> String {
    let is_name = |character: char| character.is_alphanumeric() || matches!(character, '-' | '_');
    let mut done = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, behind) = (&rest[..at], &rest[at + word.len()..]);
        let goes_on = behind.starts_with(is_name) || behind.starts_with('.') && behind[1..].starts_with(is_name);
        let is_whole = !goes_on && !before.ends_with(|last| is_name(last) || last == '.');
        done.push_str(before);
        done.push_str(if is_whole { other } else { word });
        rest = behind;
    }
    done + rest
}

#[cfg(test)]
mod tests {
    use super::{replaced, some};

    #[test]
    fn names_are_replaced_as_a_whole() {
        assert_eq!(
            replaced("Allow a.test, not b.a.test or a.test.org.", "a.test", "X"),
            "Allow X, not b.a.test or a.test.org."
        );
        assert_eq!(replaced("to a.test.", "a.test", "X"), "to X.");
        assert_eq!(replaced("TCP 443 and TCP 4430", "TCP 443", "TCP 1"), "TCP 1 and TCP 4430");
        assert_eq!(replaced("aXa.test", "a.test", "Y"), "aXa.test");
    }

    #[test]
    fn many_names_are_counted() {
        assert_eq!(some(&["a", "b", "c"]), "a, b and c");
        assert_eq!(some(&["a", "b", "c", "d", "e"]), "a, b, c and 2 more");
    }
}
