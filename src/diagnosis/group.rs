//! Causes become findings: one root cause, one finding.

use super::{Code, Finding, occurrence::Occurrence, scope::Scope, told::Told};
use crate::{diagnosis::evidence::Evidence, observation::Observations, target::CheckId};

/// The most statements of evidence in one finding; many ports and addresses say much the same.
const MOST_EVIDENCE: usize = 8;

/// An occurrence with the check and the port at which it was seen.
pub(super) struct Sighting<'a> {
    pub(super) check: &'a CheckId,
    pub(super) port: u16,
    pub(super) occurrence: Occurrence,
}

/// All sightings of one cause.
struct Group {
    occurrence: Occurrence,
    scope: Scope,
    checks: Vec<CheckId>,
    sightings: usize,
    evidence: Vec<Evidence>,
    unsaid: usize,
}

/// Merges what is the same cause, orders the findings by gravity, and ties symptoms to what causes them.
pub(super) fn findings(seen: &Observations, sightings: Vec<Sighting<'_>>) -> Vec<Finding> {
    let mut groups: Vec<Group> = Vec::new();
    for sighting in sightings {
        match groups.iter_mut().find(|group| group.occurrence.is_the_same(&sighting.occurrence)) {
            Some(group) => group.add(seen, sighting),
            None => groups.push(Group::of(seen, sighting)),
        }
    }
    let order = |id: &CheckId| seen.checks.iter().position(|check| check.id == *id);
    for group in &mut groups {
        group.checks.sort_by_key(order);
    }
    groups
        .sort_by_key(|group| (group.occurrence.severity, group.occurrence.stage, group.checks.first().and_then(order)));
    let follows: Vec<Option<Code>> = groups.iter().map(|group| group.occurrence.follows).collect();
    let mut findings: Vec<Finding> = groups.into_iter().zip(1..).map(|(group, number)| group.finding(number)).collect();
    let roots: Vec<Option<String>> =
        findings.iter().zip(follows).map(|(symptom, code)| root_of(symptom, code?, &findings)).collect();
    for (finding, root) in findings.iter_mut().zip(roots) {
        finding.depends_on = root;
    }
    findings
}

/// The finding that a symptom follows from: of those with the root's code, the one that most of its checks show.
fn root_of(symptom: &Finding, code: Code, findings: &[Finding]) -> Option<String> {
    let shared = |root: &Finding| symptom.affects.iter().filter(|check| root.affects.contains(check)).count();
    let roots = findings.iter().filter(|root| root.code == code && root.id != symptom.id && shared(root) > 0);
    // The first of the best: `max_by_key` would give the last.
    roots.rev().max_by_key(|root| shared(root)).map(|root| root.id.clone())
}

impl Group {
    fn of(seen: &Observations, Sighting { check, port, mut occurrence }: Sighting<'_>) -> Self {
        let evidence = std::mem::take(&mut occurrence.evidence);
        let scope = scope(seen, port, &occurrence);
        let mut group =
            Self { occurrence, scope, checks: vec![check.clone()], sightings: 1, evidence: Vec::new(), unsaid: 0 };
        group.hear(evidence);
        group
    }

    fn add(&mut self, seen: &Observations, Sighting { check, port, mut occurrence }: Sighting<'_>) {
        if !self.checks.contains(check) {
            self.checks.push(check.clone());
        }
        self.sightings += 1;
        self.hear(std::mem::take(&mut occurrence.evidence));
        self.scope = std::mem::take(&mut self.scope).and(&scope(seen, port, &occurrence));
        self.occurrence.merge(&occurrence);
    }

    fn hear(&mut self, evidence: Vec<Evidence>) {
        for evidence in evidence {
            if self.evidence.contains(&evidence) {
                continue;
            }
            if self.evidence.len() < MOST_EVIDENCE {
                self.evidence.push(evidence);
            } else {
                self.unsaid += 1;
            }
        }
    }

    fn finding(self, number: usize) -> Finding {
        let Self { occurrence, scope, checks, sightings, evidence, unsaid } = self;
        let occurrence = occurrence.after(sightings);
        Finding {
            id: format!("f{number}"),
            code: occurrence.code(),
            severity: occurrence.severity,
            confidence: occurrence.confidence(),
            stage: occurrence.stage,
            affects: checks,
            location: occurrence.location,
            alternatives: occurrence.alternatives,
            owner: occurrence.owner,
            depends_on: None,
            told: Told::Judged { cause: occurrence.cause, scope, evidence, unsaid },
        }
    }
}

fn scope(seen: &Observations, port: u16, occurrence: &Occurrence) -> Scope {
    Scope::of(&seen.hub.host, vec![port], occurrence.location.iter().cloned().collect())
}
