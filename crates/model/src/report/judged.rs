//! The observations of a hub, and what they mean.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::plan_entry::PlanEntry;
use crate::{
    diagnosis::{CheckVerdict, Diagnosis, Verdict},
    hub::{CheckId, Protocol, Requirement, Route},
    observation::{CheckObservations, Observations},
};

/// The name and version of the JSON format.
pub const SCHEMA: &str = "hubreach.report/1";

/// The observations of a hub and what they mean. In JSON one object: the one that `--format json` prints.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: String,
    /// The program that made the diagnosis.
    pub tool: Tool,
    /// What a plan says of it; `None` without a plan.
    pub plan: Option<PlanEntry>,
    /// The facts, and the options of the run.
    pub observations: Observations,
    /// What they mean, with a verdict for each check in the same order.
    pub diagnosis: Diagnosis,
}

/// A program and its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// `hubreach`.
    pub name: String,
    /// Its version (semantic versioning).
    pub version: String,
}

impl Tool {
    /// This program.
    pub(super) fn this() -> Self {
        Self { name: "hubreach".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
    }
}

/// One check: its observations and its verdict. In JSON the two are one object.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Check<'a> {
    /// The facts.
    pub observations: &'a CheckObservations,
    /// The verdict.
    pub verdict: Verdict,
    /// Its reason in a few words.
    pub summary: &'a str,
}

impl Report {
    /// Combines facts and diagnosis.
    pub fn new(observations: Observations, mut diagnosis: Diagnosis) -> Self {
        let mut judged: HashMap<CheckId, CheckVerdict> = HashMap::new();
        for verdict in diagnosis.verdicts {
            judged.entry(verdict.id.clone()).or_insert(verdict);
        }
        // A diagnosis has a verdict for every check of its own observations only.
        let unknown = |id: &CheckId| CheckVerdict { id: id.clone(), verdict: Verdict::Unknown, summary: String::new() };
        let ids = observations.checks.iter().map(|check| &check.id);
        diagnosis.verdicts = ids.map(|id| judged.get(id).cloned().unwrap_or_else(|| unknown(id))).collect();
        Self { schema: SCHEMA.to_owned(), tool: Tool::this(), plan: None, observations, diagnosis }
    }

    /// One for each protocol and route, with its verdict.
    pub fn checks(&self) -> impl Iterator<Item = Check<'_>> + Clone {
        let judged = self.observations.checks.iter().zip(&self.diagnosis.verdicts);
        judged.map(|(observations, CheckVerdict { verdict, summary, .. })| Check {
            observations,
            verdict: *verdict,
            summary,
        })
    }

    /// Whether this check is required by name: false if any protocol is enough.
    pub fn requires(&self, check: Check<'_>) -> bool {
        let spec = &self.observations.requirement;
        *spec != Requirement::Any && spec.lacks(check.observations.protocol, check.observations.route, &[])
    }

    /// Whether a device can work here: everything required is allowed, or if nothing is required, at least one check.
    pub(crate) fn is_ready(&self) -> bool {
        let is_any = || self.checks().any(|check| check.verdict == Verdict::Allowed);
        self.diagnosis.requirement_met && (self.observations.requirement != Requirement::None || is_any())
    }

    /// Its checks as a requirement sees them: protocols, routes, and whether they are allowed, each once.
    pub(super) fn standing(&self) -> Vec<(Protocol, Route, bool)> {
        let standing: BTreeSet<_> = self
            .checks()
            .map(|check| (check.observations.protocol, check.observations.route, check.verdict == Verdict::Allowed))
            .collect();
        standing.into_iter().collect()
    }
}
