//! Groups occurrences into findings: one root cause, one finding.

use std::collections::{HashMap, HashSet};

use super::{
    Code, Finding, Location, Severity, evidence::Evidence, finding_content::FindingContent, occurrence::Occurrence,
    ordered_set::OrderedSet, scope::Scope,
};
use crate::{
    hub::{CheckId, Route},
    observation::Observations,
};

/// No run has as many findings of one code; bounds the cost of comparing those of a file.
const MAX_COMPARED: usize = 64;

/// Many ports and addresses show much the same, so more statements add nothing.
const MAX_EVIDENCE: usize = 8;

/// An occurrence with its check and port.
pub(super) struct CheckOccurrence<'a> {
    pub(super) check: &'a CheckId,
    pub(super) port: u16,
    /// The cause that makes it no fault that the check fails.
    pub(super) excused_by: Option<Code>,
    pub(super) route: Route,
    pub(super) occurrence: Occurrence,
}

/// All occurrences of one cause.
#[derive(Clone)]
struct Group {
    /// The route that shows it; `None` if both do.
    route: Option<Route>,
    occurrence: Occurrence,
    /// Each with its port.
    checks: OrderedSet<(CheckId, u16)>,
    /// How grave it is for each of them.
    severities: HashMap<CheckId, Severity>,
    locations: OrderedSet<Location>,
    occurrences: usize,
    evidence: Vec<Evidence>,
    omitted: usize,
}

/// Merges occurrences of the same cause, sorts the findings by severity, and links symptoms to their causes.
pub(super) fn findings(observations: &Observations, occurrences: Vec<CheckOccurrence<'_>>) -> Vec<Finding> {
    let excused = excused(&occurrences);
    let (direct, proxied) = occurrences.into_iter().partition(|occurrence| occurrence.route == Route::Direct);
    let groups = unite_routes(groups(direct), groups(proxied));
    // A cause is split only once all that it affects has shown where it is.
    let groups = unite_families(groups).into_iter();
    let mut groups: Vec<Group> = groups.flat_map(|group| group.without_excused(&excused)).collect();
    let mut order: HashMap<&CheckId, usize> = HashMap::new();
    for (at, check) in observations.checks.iter().enumerate() {
        order.entry(&check.id).or_insert(at);
    }
    let order = |id: &CheckId| order.get(id).copied();
    // The first occurrence is of the group's first check: occurrences come in the order of the checks.
    let first = route_to_mend_first(observations);
    groups.sort_by_key(|group| {
        let is_error_of_other =
            group.occurrence.severity == Severity::Error && group.route.is_some_and(|route| route != first);
        // At the proxy, what is proved explains more than what is not.
        let doubt = if group.route == Some(Route::Proxy) { group.occurrence.doubt() } else { 0 };
        let check = group.checks.first().and_then(|(id, _)| order(id));
        (group.occurrence.severity, is_error_of_other, group.occurrence.stage, doubt, check)
    });
    let symptom_of: Vec<Option<Code>> = groups.iter().map(|group| group.occurrence.symptom_of).collect();
    let mut findings: Vec<Finding> = groups
        .into_iter()
        .zip(1..)
        .map(|(group, number)| group.finding(number, &observations.hub.host, order))
        .collect();
    let roots = Roots::among(&findings, &symptom_of);
    let roots: Vec<Option<String>> =
        findings.iter().zip(symptom_of).map(|(symptom, code)| roots.of(symptom, code?)).collect();
    for (finding, root) in findings.iter_mut().zip(roots) {
        finding.depends_on = root;
    }
    findings
}

fn groups(occurrences: Vec<CheckOccurrence<'_>>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut by_code: HashMap<Code, Vec<usize>> = HashMap::new();
    for check_occurrence in occurrences {
        let alike = by_code.entry(check_occurrence.occurrence.code()).or_default();
        let is_of = |group: &Group| group.occurrence.is_same_cause(&check_occurrence.occurrence);
        let known = alike.iter().take(MAX_COMPARED).find(|at| groups.get(**at).is_some_and(is_of)).copied();
        match known.and_then(|at| groups.get_mut(at)) {
            Some(group) => group.add(check_occurrence),
            None => {
                alike.push(groups.len());
                groups.push(Group::of(check_occurrence));
            }
        }
    }
    groups
}

/// The checks that fail for a good reason, and that reason.
fn excused(occurrences: &[CheckOccurrence<'_>]) -> HashMap<CheckId, Code> {
    let excused = occurrences.iter().filter_map(|one| Some((one.check.clone(), one.excused_by?)));
    excused.collect()
}

/// One cause is one finding on both routes, unless it is graver through the proxy: a device that does not use the proxy
/// is not told of that.
fn unite_routes(direct: Vec<Group>, proxied: Vec<Group>) -> Vec<Group> {
    let mut groups = direct;
    let known = groups.len();
    for group in proxied {
        let is_of = |known: &&mut Group| {
            known.occurrence.is_same_cause(&group.occurrence) && known.occurrence.severity <= group.occurrence.severity
        };
        match groups.iter_mut().take(known).filter(|known| known.code() == group.code()).take(MAX_COMPARED).find(is_of)
        {
            Some(known) => known.absorb(group),
            None => groups.push(group),
        }
    }
    groups
}

/// The route whose errors are told first. Where no TCP connection gets out directly and there is a proxy, the network is
/// meant to be left through it.
fn route_to_mend_first(observations: &Observations) -> Route {
    let on = |route: Route| observations.checks.iter().filter(move |check| check.route == route);
    let connects = on(Route::Direct).flat_map(|check| &check.attempts).any(|attempt| attempt.connect.is_ok());
    if !connects && on(Route::Proxy).next().is_some() { Route::Proxy } else { Route::Direct }
}

/// One fault at one device is one finding, though the device has an address in each family, if the same ports are
/// affected.
fn unite_families(groups: Vec<Group>) -> Vec<Group> {
    let mut unite_families: Vec<Group> = Vec::new();
    for group in groups {
        let near = unite_families.len().saturating_sub(MAX_COMPARED);
        let is_of = |known: &&mut Group| {
            known.occurrence.is_same_over_other_family(&group.occurrence) && known.ports().is_same_set(&group.ports())
        };
        match unite_families[near..].iter_mut().find(is_of) {
            Some(known) => known.absorb(group),
            None => unite_families.push(group),
        }
    }
    unite_families
}

/// Findings that have symptoms, each with the checks that it affects.
struct Roots<'a>(HashMap<Code, Vec<(&'a Finding, HashSet<&'a CheckId>)>>);

impl<'a> Roots<'a> {
    fn among(findings: &'a [Finding], symptom_of: &[Option<Code>]) -> Self {
        let wanted: HashSet<Code> = symptom_of.iter().flatten().copied().collect();
        let mut roots: HashMap<_, Vec<_>> = HashMap::new();
        for finding in findings.iter().filter(|finding| wanted.contains(&finding.code)) {
            let roots = roots.entry(finding.code).or_default();
            if roots.len() < MAX_COMPARED {
                roots.push((finding, finding.affects.iter().collect()));
            }
        }
        Self(roots)
    }

    /// The finding that causes a symptom: of those with the root's code, the one that shares most checks with it.
    fn of(&self, symptom: &Finding, code: Code) -> Option<String> {
        let shared = |checks: &HashSet<&CheckId>| symptom.affects.iter().filter(|check| checks.contains(check)).count();
        let others = self.0.get(&code)?.iter().filter(|(root, _)| root.id != symptom.id);
        let roots = others.map(|(root, checks)| (shared(checks), *root)).filter(|(shared, _)| *shared > 0);
        // Of equals, the first: `max_by_key` alone would return the last.
        roots.rev().max_by_key(|(shared, _)| *shared).map(|(_, root)| root.id.clone())
    }
}

impl Group {
    fn of(CheckOccurrence { check, port, route, mut occurrence, .. }: CheckOccurrence<'_>) -> Self {
        let evidence = std::mem::take(&mut occurrence.evidence);
        let mut group = Self {
            route: Some(route),
            occurrence,
            checks: OrderedSet::default(),
            severities: HashMap::new(),
            locations: OrderedSet::default(),
            occurrences: 0,
            evidence: Vec::new(),
            omitted: 0,
        };
        let (location, severity) = (group.occurrence.location.clone(), group.occurrence.severity);
        group.record((check, port, severity), location.as_ref(), evidence);
        group
    }

    fn add(&mut self, CheckOccurrence { check, port, mut occurrence, .. }: CheckOccurrence<'_>) {
        let evidence = std::mem::take(&mut occurrence.evidence);
        self.record((check, port, occurrence.severity), occurrence.location.as_ref(), evidence);
        self.occurrence.merge(&occurrence);
    }

    fn ports(&self) -> OrderedSet<u16> {
        self.checks.iter().map(|(_, port)| *port).collect()
    }

    /// The group without those of its checks that are excused, and these as a group of their own, which is no fault. One cause,
    /// proved by all of them together, may be both.
    fn without_excused(self, excused: &HashMap<CheckId, Code>) -> Vec<Self> {
        let by = self.checks.iter().find_map(|(check, _)| excused.get(check)).copied();
        let is_fault = self.occurrence.severity != Severity::Info;
        let Some(by) = by.filter(|by| is_fault && self.occurrence.code() != *by) else { return vec![self] };
        let (no_fault, fault): (Vec<_>, Vec<_>) =
            self.checks.iter().cloned().partition(|(check, _)| excused.contains_key(check));
        let part = |checks: Vec<(CheckId, u16)>, occurrence| Self {
            occurrence,
            checks: checks.into_iter().collect(),
            ..self.clone()
        };
        let excused = part(no_fault, self.occurrence.clone().excused_by(by));
        let gravest = fault.iter().filter_map(|(check, _)| self.severities.get(check)).min().copied();
        let fault = gravest.map(|severity| part(fault, self.occurrence.clone().severity(severity)));
        fault.into_iter().chain([excused]).collect()
    }

    fn code(&self) -> Code {
        self.occurrence.code()
    }

    /// Adds all occurrences of the same cause over the other address family, or on the other route.
    fn absorb(&mut self, other: Self) {
        let Self { occurrence, checks, severities, locations, occurrences, evidence, omitted, route } = other;
        for (check, severity) in severities {
            self.note_severity(&check, severity);
        }
        self.route = self.route.filter(|own| route == Some(*own));
        self.occurrences += occurrences;
        checks.iter().for_each(|check| self.checks.add(check));
        locations.into_vec().iter().for_each(|location| self.locations.add(location));
        self.add_evidence(evidence);
        self.omitted += omitted;
        self.occurrence.merge(&occurrence);
    }

    fn note_severity(&mut self, check: &CheckId, severity: Severity) {
        let known = self.severities.entry(check.clone()).or_insert(severity);
        *known = severity.min(*known);
    }

    fn record(
        &mut self,
        (check, port, severity): (&CheckId, u16, Severity),
        location: Option<&Location>,
        evidence: Vec<Evidence>,
    ) {
        self.occurrences += 1;
        self.note_severity(check, severity);
        self.checks.add(&(check.clone(), port));
        if let Some(location) = location {
            self.locations.add(location);
        }
        self.add_evidence(evidence);
    }

    fn add_evidence(&mut self, evidence: Vec<Evidence>) {
        for evidence in evidence {
            // Several protocols of one port give the same sentence, with times that differ by less than it shows.
            let is_known = |known: &Evidence| *known == evidence || known.sentence() == evidence.sentence();
            if self.evidence.iter().any(is_known) {
                continue;
            }
            if self.evidence.len() < MAX_EVIDENCE {
                self.evidence.push(evidence);
            } else {
                self.omitted += 1;
            }
        }
    }

    /// The finding for the hub at `host`, with its checks in the order of the run.
    fn finding(self, number: usize, host: &str, order: impl Fn(&CheckId) -> Option<usize>) -> Finding {
        let ports = self.ports().into_vec();
        let Self { occurrence, checks, locations, occurrences, evidence, omitted, .. } = self;
        let occurrence = occurrence.counted(occurrences);
        // Harmless findings are not worth a separate look for one family, and a connection limit counts both families.
        let is_per_family = occurrence.severity != Severity::Info && occurrence.code() != Code::ConnectionLimit;
        let family = occurrence.family.filter(|_| is_per_family);
        let mut affects: Vec<CheckId> = checks.into_vec().into_iter().map(|(check, _)| check).collect();
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
            content: FindingContent::Judged {
                cause: occurrence.cause,
                scope: Scope::of(host, ports, locations.into_vec())
                    .with_family(family)
                    .only_at(occurrence.only_at.filter(|_| is_per_family)),
                evidence,
                omitted,
            },
        }
    }
}
