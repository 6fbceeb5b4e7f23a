//! Causes become findings: one root cause, one finding.

use serde_json::{Map, Value, json};

use super::{
    Code, Confidence, Finding,
    cause::{Cause, clipped, listed},
    template,
};
use crate::{observation::Observations, target::CheckId};

/// The most sentences of evidence in one finding; many ports and addresses say much the same.
const MOST_EVIDENCE: usize = 8;
/// The most values in a fact that is a list.
const MOST_VALUES: usize = 20;

/// A cause with the check and the port at which it was seen.
pub(super) struct Sighting<'a> {
    pub(super) check: &'a CheckId,
    pub(super) port: u16,
    pub(super) cause: Cause,
}

/// All sightings of one cause.
struct Group {
    cause: Cause,
    checks: Vec<CheckId>,
    ports: Vec<u16>,
    sightings: usize,
    unsaid: usize,
}

/// Merges what is the same cause, orders the findings by gravity, and ties symptoms to what causes them.
pub(super) fn findings(seen: &Observations, sightings: Vec<Sighting<'_>>) -> Vec<Finding> {
    let mut groups: Vec<Group> = Vec::new();
    for sighting in sightings {
        match groups.iter_mut().find(|group| group.cause.is_the_same(&sighting.cause)) {
            Some(group) => group.add(sighting),
            None => groups.push(Group::of(sighting)),
        }
    }
    let order = |id: &CheckId| seen.checks.iter().position(|check| check.id == *id);
    for group in &mut groups {
        group.checks.sort_by_key(order);
    }
    groups.sort_by_key(|group| (group.cause.severity, group.cause.stage, group.checks.first().and_then(order)));
    let follows: Vec<Option<Code>> = groups.iter().map(|group| group.cause.follows).collect();
    let mut findings: Vec<Finding> =
        groups.into_iter().zip(1..).map(|(group, number)| group.finding(number, seen)).collect();
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
    fn of(Sighting { check, port, cause }: Sighting<'_>) -> Self {
        Self { cause, checks: vec![check.clone()], ports: vec![port], sightings: 1, unsaid: 0 }
    }

    fn add(&mut self, Sighting { check, port, cause }: Sighting<'_>) {
        if !self.checks.contains(check) {
            self.checks.push(check.clone());
        }
        if !self.ports.contains(&port) {
            self.ports.push(port);
        }
        self.sightings += 1;
        self.cause.severity = self.cause.severity.min(cause.severity);
        self.cause.stage = self.cause.stage.min(cause.stage);
        self.cause.location = self.cause.location.take().or(cause.location);
        // The least sure sighting speaks for all of them.
        if rank(cause.confidence) > rank(self.cause.confidence) {
            self.cause.confidence = cause.confidence;
        }
        for alternative in cause.alternatives {
            if !self.cause.alternatives.contains(&alternative) {
                self.cause.alternatives.push(alternative);
            }
        }
        merge(&mut self.cause.details, cause.details);
        for evidence in cause.evidence {
            if self.cause.evidence.contains(&evidence) {
                continue;
            }
            if self.cause.evidence.len() < MOST_EVIDENCE {
                self.cause.evidence.push(evidence);
            } else {
                self.unsaid += 1;
            }
        }
    }

    fn finding(self, number: usize, seen: &Observations) -> Finding {
        let Self { mut cause, checks, ports, sightings, unsaid } = self;
        if cause.twice_confirms && (sightings > 1 || cause.again) && cause.confidence == Confidence::Likely {
            cause.confidence = Confidence::Confirmed;
        }
        if unsaid > 0 {
            cause.evidence.push(format!("and {unsaid} more like these"));
        }
        let mut facts = Map::from_iter([("ports".to_owned(), json!(ports))]);
        facts.extend(cause.facts);
        facts.extend(cause.details);
        let title = if ports.len() == 1 { cause.title.to_owned() } else { of_several_ports(cause.title) };
        let value = |name: &str| match (name, facts.get(name)) {
            ("host", _) => Some(clipped(&seen.hub.host)),
            (_, Some(Value::Array(items))) => Some(listed(&items.iter().map(plain).collect::<Vec<_>>())),
            (_, None | Some(Value::Null)) => None,
            (_, Some(value)) => Some(plain(value)),
        };
        Finding {
            id: format!("f{number}"),
            code: cause.code,
            severity: cause.severity,
            confidence: cause.confidence,
            stage: cause.stage,
            affects: checks,
            location: cause.location,
            title: template::fill(&title, value),
            fix: template::fill(cause.fix, value),
            facts,
            evidence: cause.evidence,
            alternatives: cause.alternatives,
            owner: cause.owner,
            depends_on: None,
        }
    }
}

/// The catalogue speaks of one port; where that is the subject of the sentence, its verb follows.
fn of_several_ports(title: &str) -> String {
    let subject = ["Outbound TCP {ports} is ", "TCP {ports} is "].into_iter().find(|start| title.starts_with(start));
    match subject {
        Some(_) => title.replacen(" is ", " are ", 1),
        None => title.to_owned(),
    }
}

/// Lists are joined; of other details the first sighting's is kept.
fn merge(details: &mut Map<String, Value>, others: Map<String, Value>) {
    for (name, other) in others {
        match (details.get_mut(&name), other) {
            (Some(Value::Array(values)), Value::Array(others)) => {
                for other in others {
                    if !values.contains(&other) && values.len() < MOST_VALUES {
                        values.push(other);
                    }
                }
            }
            (Some(_), _) => {}
            (None, other) => {
                details.insert(name, other);
            }
        }
    }
}

fn rank(confidence: Confidence) -> u8 {
    match confidence {
        Confidence::Confirmed => 0,
        Confidence::Likely => 1,
        Confidence::Possible => 2,
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
