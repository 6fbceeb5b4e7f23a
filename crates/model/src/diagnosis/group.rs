//! Causes become findings: one root cause, one finding.

use std::collections::{HashMap, HashSet};

use super::{
    Code, Finding, Location, Severity, distinct::Distinct, evidence::Evidence, occurrence::Occurrence, scope::Scope,
    told::Told,
};
use crate::{hub::CheckId, observation::Observations};

/// The most findings of one code with which another is compared: no run has as many, and what somebody wrote costs no more than
/// its length.
const MOST_COMPARED: usize = 64;

/// The most statements of evidence in one finding; many ports and addresses say much the same.
const MOST_EVIDENCE: usize = 8;

/// An occurrence with the check and the port at which it was seen.
pub(super) struct CheckOccurrence<'a> {
    pub(super) check: &'a CheckId,
    pub(super) port: u16,
    pub(super) occurrence: Occurrence,
}

/// All sightings of one cause.
struct Group {
    occurrence: Occurrence,
    checks: Distinct<CheckId>,
    ports: Distinct<u16>,
    places: Distinct<Location>,
    sightings: usize,
    evidence: Vec<Evidence>,
    unsaid: usize,
}

/// Merges what is the same cause, orders the findings by gravity, and ties symptoms to what causes them.
pub(super) fn findings(observations: &Observations, sightings: Vec<CheckOccurrence<'_>>) -> Vec<Finding> {
    let mut groups: Vec<Group> = Vec::new();
    let mut by_code: HashMap<Code, Vec<usize>> = HashMap::new();
    for sighting in sightings {
        let alike = by_code.entry(sighting.occurrence.code()).or_default();
        let is_of = |group: &Group| group.occurrence.is_the_same(&sighting.occurrence);
        let known = alike.iter().take(MOST_COMPARED).find(|at| groups.get(**at).is_some_and(is_of)).copied();
        match known.and_then(|at| groups.get_mut(at)) {
            Some(group) => group.add(sighting),
            None => {
                alike.push(groups.len());
                groups.push(Group::of(sighting));
            }
        }
    }
    let mut groups = united(groups);
    let mut order: HashMap<&CheckId, usize> = HashMap::new();
    for (at, check) in observations.checks.iter().enumerate() {
        order.entry(&check.id).or_insert(at);
    }
    let order = |id: &CheckId| order.get(id).copied();
    // The first sighting is of the first check: they come in its order.
    groups
        .sort_by_key(|group| (group.occurrence.severity, group.occurrence.stage, group.checks.first().and_then(order)));
    let follows: Vec<Option<Code>> = groups.iter().map(|group| group.occurrence.follows).collect();
    let mut findings: Vec<Finding> = groups
        .into_iter()
        .zip(1..)
        .map(|(group, number)| group.finding(number, &observations.hub.host, order))
        .collect();
    let roots = Roots::among(&findings, &follows);
    let roots: Vec<Option<String>> =
        findings.iter().zip(follows).map(|(symptom, code)| roots.of(symptom, code?)).collect();
    for (finding, root) in findings.iter_mut().zip(roots) {
        finding.depends_on = root;
    }
    findings
}

/// One fault at one device is one finding, though the device has an address in each family: where it concerns the same ports.
fn united(groups: Vec<Group>) -> Vec<Group> {
    let mut united: Vec<Group> = Vec::new();
    for group in groups {
        let near = united.len().saturating_sub(MOST_COMPARED);
        let is_of = |known: &&mut Group| {
            known.occurrence.is_the_other_familys(&group.occurrence) && known.ports.is_same_set(&group.ports)
        };
        match united[near..].iter_mut().find(is_of) {
            Some(known) => known.take_in(group),
            None => united.push(group),
        }
    }
    united
}

/// Findings that others follow from, each with the checks that it affects.
struct Roots<'a>(HashMap<Code, Vec<(&'a Finding, HashSet<&'a CheckId>)>>);

impl<'a> Roots<'a> {
    fn among(findings: &'a [Finding], follows: &[Option<Code>]) -> Self {
        let wanted: HashSet<Code> = follows.iter().flatten().copied().collect();
        let mut roots: HashMap<_, Vec<_>> = HashMap::new();
        for finding in findings.iter().filter(|finding| wanted.contains(&finding.code)) {
            let roots = roots.entry(finding.code).or_default();
            if roots.len() < MOST_COMPARED {
                roots.push((finding, finding.affects.iter().collect()));
            }
        }
        Self(roots)
    }

    /// The finding that a symptom follows from: of those with the root's code, the one that most of its checks show.
    fn of(&self, symptom: &Finding, code: Code) -> Option<String> {
        let shared = |checks: &HashSet<&CheckId>| symptom.affects.iter().filter(|check| checks.contains(check)).count();
        let others = self.0.get(&code)?.iter().filter(|(root, _)| root.id != symptom.id);
        let roots = others.map(|(root, checks)| (shared(checks), *root)).filter(|(shared, _)| *shared > 0);
        // The first of the best: `max_by_key` would give the last.
        roots.rev().max_by_key(|(shared, _)| *shared).map(|(_, root)| root.id.clone())
    }
}

impl Group {
    fn of(CheckOccurrence { check, port, mut occurrence }: CheckOccurrence<'_>) -> Self {
        let evidence = std::mem::take(&mut occurrence.evidence);
        let mut group = Self {
            occurrence,
            checks: Distinct::default(),
            ports: Distinct::default(),
            places: Distinct::default(),
            sightings: 0,
            evidence: Vec::new(),
            unsaid: 0,
        };
        let place = group.occurrence.location.clone();
        group.count(check, port, place.as_ref(), evidence);
        group
    }

    fn add(&mut self, CheckOccurrence { check, port, mut occurrence }: CheckOccurrence<'_>) {
        let evidence = std::mem::take(&mut occurrence.evidence);
        self.count(check, port, occurrence.location.as_ref(), evidence);
        self.occurrence.merge(&occurrence);
    }

    /// All sightings of the same cause over the other address family.
    fn take_in(&mut self, other: Self) {
        let Self { occurrence, checks, ports, places, sightings, evidence, unsaid } = other;
        self.sightings += sightings;
        checks.into_vec().iter().for_each(|check| self.checks.add(check));
        ports.into_vec().iter().for_each(|port| self.ports.add(port));
        places.into_vec().iter().for_each(|place| self.places.add(place));
        self.hear(evidence);
        self.unsaid += unsaid;
        self.occurrence.merge(&occurrence);
    }

    fn count(&mut self, check: &CheckId, port: u16, place: Option<&Location>, evidence: Vec<Evidence>) {
        self.sightings += 1;
        self.checks.add(check);
        self.ports.add(&port);
        if let Some(place) = place {
            self.places.add(place);
        }
        self.hear(evidence);
    }

    fn hear(&mut self, evidence: Vec<Evidence>) {
        for evidence in evidence {
            // Several protocols of one port say the same, with times that differ by less than is told.
            let is_told = |known: &Evidence| *known == evidence || known.sentence() == evidence.sentence();
            if self.evidence.iter().any(is_told) {
                continue;
            }
            if self.evidence.len() < MOST_EVIDENCE {
                self.evidence.push(evidence);
            } else {
                self.unsaid += 1;
            }
        }
    }

    /// Told of the hub at `host`; its checks in their order in the run.
    fn finding(self, number: usize, host: &str, order: impl Fn(&CheckId) -> Option<usize>) -> Finding {
        let Self { occurrence, checks, ports, places, sightings, evidence, unsaid } = self;
        let occurrence = occurrence.after(sightings);
        // What hinders nothing is nobody's to look for over one family alone, and what counts connections counts those of both.
        let is_of_one = occurrence.severity != Severity::Info && occurrence.code() != Code::ConnectionLimit;
        let family = occurrence.family.filter(|_| is_of_one);
        let mut affects = checks.into_vec();
        affects.sort_by_key(order);
        Finding {
            id: format!("f{number}"),
            code: occurrence.code(),
            severity: occurrence.severity,
            confidence: occurrence.confidence(),
            stage: occurrence.stage,
            affects,
            location: occurrence.location,
            alternatives: occurrence.alternatives,
            owner: occurrence.owner,
            depends_on: None,
            told: Told::Judged {
                cause: occurrence.cause,
                scope: Scope::of(host, ports.into_vec(), places.into_vec())
                    .over(family)
                    .alone_at(occurrence.alone_at.filter(|_| is_of_one)),
                evidence,
                unsaid,
            },
        }
    }
}
