//! How to SAY it: one report, or an audit of several, one file a format; and what changed between two.

mod answer;
mod audit;
mod brief;
mod check;
mod csv;
pub mod diff;
mod escape;
mod finding_ref;
mod format;
mod health;
mod html;
mod human;
mod index;
mod json;
mod junit;
mod local_time;
mod markdown;
mod plan;
mod read;
mod screen;
mod sections;
mod text;
mod ticket;
mod trace;

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

pub use audit::{Action, Audit, Bears, Concerned, Pace, PaceLimit, SCHEMA as AUDIT_SCHEMA, Strain, Summary};
pub use escape::escape;
pub use format::{Format, UnknownFormat};
pub use json::line as json_line;
pub use plan::PlanEntry;
pub use read::{Document, ReadError, read};
pub use screen::Screen;
pub use trace::{TRACE_SCHEMA, TraceReport, TracedPort};

use crate::{
    diagnosis::{CheckVerdict, Diagnosis, Finding, Recommendation, Verdict},
    hub::{CheckId, Depth, Protocol, Requirement, Role, Route},
    observation::{CheckObservations, Experiment, HubSummary, Observations, Resolution, Vantage},
};

/// The name and version of the JSON format.
pub const SCHEMA: &str = "hubreach.report/1";

/// What was seen of a hub and what it means: the object that `--format json` prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: String,
    /// Which program judged it.
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
    pub hub: HubSummary,
    /// What a plan says of it; `None` where it was tested without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanEntry>,
    /// How far the stages was attempted.
    pub depth: Depth,
    /// Who will connect for real.
    #[serde(default)]
    pub role: Role,
    /// What must be allowed, and whether it is.
    pub requirement: RequirementMet,
    /// How the name became addresses.
    pub resolution: Resolution,
    /// One for each protocol and route.
    pub checks: Vec<Check>,
    /// Second measurements.
    pub experiments: Vec<Experiment>,
    /// The causes, the gravest first.
    pub findings: Vec<Finding>,
    /// What to use; `None` when nothing is allowed.
    pub recommendation: Option<Recommendation>,
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
    fn this() -> Self {
        Self { name: env!("CARGO_PKG_NAME").to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
    }
}

/// What the user requires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequirementMet {
    /// `any`, `all` or a list.
    pub spec: Requirement,
    /// Whether it is allowed.
    pub met: bool,
}

/// One check: what was seen of it, and what it comes to. In JSON the two are one object, the verdict before the attempts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "check::Wire", into = "check::Wire")]
pub struct Check {
    /// The facts.
    pub seen: CheckObservations,
    /// The verdict.
    pub verdict: Verdict,
    /// Its reason in a few words.
    pub summary: String,
}

impl Report {
    /// Puts facts and judgement together.
    pub fn new(seen: Observations, diagnosis: Diagnosis) -> Self {
        let mut judged: HashMap<CheckId, (Verdict, String)> = HashMap::new();
        for CheckVerdict { id, verdict, summary } in diagnosis.verdicts {
            judged.entry(id).or_insert((verdict, summary));
        }
        let checks = seen.checks.into_iter().map(|seen| {
            // A diagnosis has a verdict for every check of its own observations; for others it would say nothing.
            let (verdict, summary) = judged.get(&seen.id).cloned().unwrap_or((Verdict::Unknown, String::new()));
            Check { seen, verdict, summary }
        });
        Self {
            schema: SCHEMA.to_owned(),
            tool: Tool::this(),
            started_at: seen.started_at,
            duration_ms: seen.duration_ms,
            deadline_reached: seen.deadline_reached,
            partial: seen.partial,
            vantage: seen.vantage,
            hub: seen.hub,
            plan: None,
            depth: seen.depth,
            role: seen.role,
            requirement: RequirementMet { spec: seen.requirement, met: diagnosis.requirement_met },
            resolution: seen.resolution,
            checks: checks.collect(),
            experiments: seen.experiments,
            findings: diagnosis.findings,
            recommendation: diagnosis.recommendation,
        }
    }

    /// Whether this very check is required: not where any one would do.
    pub fn requires(&self, check: &Check) -> bool {
        let spec = &self.requirement.spec;
        *spec != Requirement::Any && spec.lacks(check.seen.protocol, check.seen.route, &[])
    }

    /// Whether a device can work here as far as it has to: all that is required is allowed, and where nothing is, something.
    pub(super) fn is_ready(&self) -> bool {
        let is_any = || self.checks.iter().any(|check| check.verdict == Verdict::Allowed);
        self.requirement.met && (self.requirement.spec != Requirement::None || is_any())
    }

    /// How its checks stand against a requirement: protocols, routes, and whether they are allowed, each once.
    fn standing(&self) -> Vec<(Protocol, Route, bool)> {
        let checks = self.checks.iter();
        let standing: BTreeSet<_> =
            checks.map(|check| (check.seen.protocol, check.seen.route, check.verdict == Verdict::Allowed)).collect();
        standing.into_iter().collect()
    }

    /// The facts alone, to be judged again.
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
            checks: self.checks.iter().map(|check| check.seen.clone()).collect(),
            experiments: self.experiments.clone(),
        }
    }

    /// The report as text. The human format holds ANSI escapes for colour, to be stripped where they are not wanted. Nothing else
    /// in any format can steer a terminal, and a spreadsheet or browser finds nothing to execute.
    pub fn render(&self, format: Format) -> String {
        self.render_on(Screen::FILE, format)
    }

    /// As [`Self::render`], what people read as it fits a screen.
    pub fn render_on(&self, screen: Screen, format: Format) -> String {
        let alone = std::slice::from_ref(self);
        match format {
            Format::Human => human::render(self, screen),
            Format::Brief => brief::render(alone),
            Format::Json => json::pretty(self),
            Format::Ndjson => json::event(self),
            Format::Markdown => markdown::render(self),
            Format::Html => html::render(self),
            Format::Junit => junit::render(alone),
            Format::Csv => csv::render(alone),
            Format::Ticket => ticket::render(None, alone, screen),
        }
    }
}

/// One report as [`Report::render`] writes it, any other number as an [`Audit`] of them.
pub fn render(reports: &[Report], format: Format) -> String {
    match reports {
        [one] => one.render(format),
        reports => Audit::of(reports.to_vec()).render(format),
    }
}
