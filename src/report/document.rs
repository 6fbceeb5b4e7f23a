//! The report as data: one JSON object, kept stable for programs.

use serde::{Deserialize, Serialize};

use crate::{
    diagnosis::{CheckVerdict, Diagnosis, Finding, Recommendation, Verdict},
    observation::{Attempt, CheckSeen, HubSeen, Observations, Resolution, Vantage},
    target::{CheckId, Depth, Protocol, Requirement, Role, Route},
};

/// What one run of one hub saw, and what it means. Enough of what was seen is kept to judge it again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The version of this format.
    pub schema: SchemaVersion,
    /// Who judged.
    pub tool: Tool,
    /// When the run began, RFC 3339 in UTC with milliseconds.
    pub started_at: String,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
    /// Whether the deadline cut anything short.
    pub deadline_reached: bool,
    /// Whether the user cut it short.
    pub partial: bool,
    /// Where it ran.
    pub vantage: Vantage,
    /// Who was checked.
    pub hub: HubSeen,
    /// How far the ladder was climbed; `allowed` means: got that far.
    pub depth: Depth,
    /// Who will connect for real.
    #[serde(default)]
    pub role: Role,
    /// What must be allowed, and whether it is.
    pub requirement: RequirementReport,
    /// How the name became addresses.
    pub resolution: Resolution,
    /// Each check with its verdict.
    pub checks: Vec<CheckReport>,
    /// Second measurements.
    #[serde(default)]
    pub experiments: Vec<serde_json::Value>,
    /// The causes, the gravest first.
    pub findings: Vec<Finding>,
    /// What to use; `None` when nothing is allowed.
    pub recommendation: Option<Recommendation>,
}

/// The program that judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// `hubreach`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// What must be allowed, and whether it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequirementReport {
    /// `any`, `all` or a list.
    pub spec: Requirement,
    /// Whether it is met.
    pub met: bool,
}

/// One check: what was seen, and its verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckReport {
    /// `mqtt@direct`.
    pub id: CheckId,
    /// What was tested.
    pub protocol: Protocol,
    /// The TCP port.
    pub port: u16,
    /// How it was reached.
    pub route: Route,
    /// What it comes to.
    pub verdict: Verdict,
    /// From the first SYN to the end of the last attempt, in milliseconds.
    pub duration_ms: f64,
    /// The verdict's reason in a few words.
    pub summary: String,
    /// One for each address tried.
    pub attempts: Vec<Attempt>,
}

impl Report {
    /// Joins what was seen with what it means.
    pub fn new(observations: Observations, diagnosis: Diagnosis) -> Self {
        let Diagnosis { verdicts, findings, recommendation, requirement_met } = diagnosis;
        let checks = observations.checks.into_iter().map(|check| CheckReport::new(check, &verdicts)).collect();
        Self {
            schema: SchemaVersion,
            tool: Tool { name: env!("CARGO_PKG_NAME").to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
            started_at: observations.started_at,
            duration_ms: observations.duration_ms,
            deadline_reached: observations.deadline_reached,
            partial: observations.partial,
            vantage: observations.vantage,
            hub: observations.hub,
            depth: observations.depth,
            role: observations.role,
            requirement: RequirementReport { spec: observations.requirement, met: requirement_met },
            resolution: observations.resolution,
            checks,
            experiments: observations.experiments,
            findings,
            recommendation,
        }
    }

    /// What was seen, without the judgement: the input of another diagnosis.
    pub fn observations(&self) -> Observations {
        Observations {
            started_at: self.started_at.clone(),
            duration_ms: self.duration_ms,
            deadline_reached: self.deadline_reached,
            partial: self.partial,
            vantage: self.vantage.clone(),
            hub: self.hub.clone(),
            depth: self.depth,
            role: self.role,
            requirement: self.requirement.spec.clone(),
            resolution: self.resolution.clone(),
            checks: self.checks.iter().map(CheckReport::seen).collect(),
            experiments: self.experiments.clone(),
        }
    }
}

impl CheckReport {
    fn new(seen: CheckSeen, verdicts: &[CheckVerdict]) -> Self {
        // A diagnosis names every check; one that does not has not determined it.
        let (verdict, summary) = match verdicts.iter().find(|judged| judged.id == seen.id) {
            Some(judged) => (judged.verdict, judged.summary.clone()),
            None => (Verdict::Unknown, "not judged".to_owned()),
        };
        let CheckSeen { id, protocol, port, route, duration_ms, attempts } = seen;
        Self { id, protocol, port, route, verdict, duration_ms, summary, attempts }
    }

    fn seen(&self) -> CheckSeen {
        CheckSeen {
            id: self.id.clone(),
            protocol: self.protocol,
            port: self.port,
            route: self.route,
            duration_ms: self.duration_ms,
            attempts: self.attempts.clone(),
        }
    }
}

/// The one version of the format that this program reads and writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub struct SchemaVersion;

impl SchemaVersion {
    /// The value of the `schema` key.
    pub const ID: &'static str = "hubreach.report/1";
}

impl From<SchemaVersion> for &'static str {
    fn from(_: SchemaVersion) -> Self {
        SchemaVersion::ID
    }
}

impl TryFrom<String> for SchemaVersion {
    type Error = ReadError;

    fn try_from(found: String) -> Result<Self, Self::Error> {
        if found == Self::ID { Ok(Self) } else { Err(ReadError::OtherSchema(found)) }
    }
}

/// Why a text is no report that this version can read. Parts of the text may be repeated: escape before showing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// It is not JSON.
    #[error("not JSON: {0}; give a file written by `hubreach <HUB> --format json`")]
    NotJson(#[source] serde_json::Error),
    /// It is JSON, but has no `schema`.
    #[error("not a report: it has no \"schema\"; give a file written by `hubreach <HUB> --format json`")]
    NoSchema,
    /// It is another version's, or another program's.
    #[error("its schema is \"{0}\", this version reads \"{id}\"; use the version of hubreach that wrote it, or a newer one", id = SchemaVersion::ID)]
    OtherSchema(String),
    /// It calls itself a report, but a part is missing or wrong.
    #[error("a damaged report: {0}")]
    Damaged(#[source] serde_json::Error),
}
