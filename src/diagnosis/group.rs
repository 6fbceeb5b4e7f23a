//! Causes become findings: one root cause, one finding.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    Code, Confidence, Finding, Severity, catalogue,
    cause::{Cause, listed},
    template,
};
use crate::{observation::Observations, target::CheckId};

/// A cause with the check and the port at which it was seen.
pub(super) struct Sighting {
    pub(super) check: CheckId,
    pub(super) port: u16,
    pub(super) cause: Cause,
}

/// All sightings of one cause.
struct Group {
    cause: Cause,
    checks: Vec<CheckId>,
    ports: BTreeSet<u16>,
    sightings: usize,
}

/// Merges what is the same cause, orders the findings by gravity, and ties symptoms to what causes them.
pub(super) fn findings(seen: &Observations, sightings: Vec<Sighting>) -> Vec<Finding> {
    let mut groups: Vec<Group> = Vec::new();
    for sighting in sightings {
        match groups.iter_mut().find(|group| group.is_the_same(&sighting.cause)) {
            Some(group) => group.add(sighting),
            None => groups.push(Group::of(sighting)),
        }
    }
    let mut findings: Vec<Finding> = groups.into_iter().map(|group| group.finding(seen)).collect();
    let order = |id: &CheckId| seen.checks.iter().position(|check| check.id == *id);
    for finding in &mut findings {
        finding.affects.sort_by_key(order);
    }
    demote_symptoms(&mut findings);
    findings.sort_by_key(|finding| (finding.severity, finding.stage, finding.affects.first().and_then(order)));
    for (at, finding) in findings.iter_mut().enumerate() {
        finding.id = format!("f{}", at + 1);
    }
    tie(&mut findings);
    findings
}

impl Group {
    fn of(Sighting { check, port, cause }: Sighting) -> Self {
        Self { cause, checks: vec![check], ports: BTreeSet::from([port]), sightings: 1 }
    }

    fn is_the_same(&self, cause: &Cause) -> bool {
        (self.cause.code, self.cause.owner, &self.cause.facts) == (cause.code, cause.owner, &cause.facts)
    }

    fn add(&mut self, Sighting { check, port, cause }: Sighting) {
        if !self.checks.contains(&check) {
            self.checks.push(check);
        }
        self.ports.insert(port);
        self.sightings += 1;
        self.cause.severity = self.cause.severity.min(cause.severity);
        // The least sure sighting speaks for all of them.
        if rank(cause.confidence) > rank(self.cause.confidence) {
            self.cause.confidence = cause.confidence;
        }
        for alternative in cause.alternatives {
            if !self.cause.alternatives.contains(&alternative) {
                self.cause.alternatives.push(alternative);
            }
        }
        for evidence in cause.evidence {
            if !self.cause.evidence.contains(&evidence) {
                self.cause.evidence.push(evidence);
            }
        }
    }

    fn finding(self, seen: &Observations) -> Finding {
        let Self { mut cause, checks, ports, sightings } = self;
        let entry = catalogue::entry(cause.code);
        if cause.twice_confirms && sightings > 1 && cause.confidence == Confidence::Likely {
            cause.confidence = Confidence::Confirmed;
        }
        cause.facts.insert("ports".to_owned(), json!(ports));
        let value = |name: &str| match (name, cause.facts.get(name)) {
            ("host", _) => Some(seen.hub.host.clone()),
            (_, Some(Value::Array(items))) => Some(listed(&items.iter().map(plain).collect::<Vec<_>>())),
            (_, Some(value)) => Some(plain(value)),
            _ => None,
        };
        Finding {
            id: String::new(),
            code: cause.code,
            severity: cause.severity,
            confidence: cause.confidence,
            stage: entry.stage,
            affects: checks,
            location: None,
            title: template::fill(entry.title, value),
            fix: template::fill(entry.fix, value),
            facts: cause.facts.clone(),
            evidence: cause.evidence,
            alternatives: cause.alternatives,
            owner: cause.owner,
            depends_on: None,
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

/// What interception brings about, where a check shows both.
const SYMPTOMS_OF_INTERCEPTION: &[Code] = &[
    Code::GatewayBlockPage,
    Code::WebsocketStripped,
    Code::WebsocketBadAccept,
    Code::WebsocketFramesBlocked,
    Code::ProtocolMismatch,
];

fn follows_from(symptom: &Finding, root: &Finding) -> bool {
    root.code == Code::TlsIntercepted
        && SYMPTOMS_OF_INTERCEPTION.contains(&symptom.code)
        && symptom.affects.iter().all(|check| root.affects.contains(check))
}

/// A symptom is not an error of its own: the error is what causes it.
fn demote_symptoms(findings: &mut [Finding]) {
    for at in 0..findings.len() {
        if findings.iter().any(|root| follows_from(&findings[at], root)) {
            findings[at].severity = findings[at].severity.max(Severity::Warning);
        }
    }
}

fn tie(findings: &mut [Finding]) {
    for at in 0..findings.len() {
        let root = findings.iter().find(|root| follows_from(&findings[at], root)).map(|root| root.id.clone());
        findings[at].depends_on = root;
    }
}
