//! The reports of an audit, and their summary.

use serde::{Deserialize, Serialize};

use super::{
    action::{self, Action, Concerned},
    pace::Pace,
    roots,
};
use crate::report::{
    Report, Tool,
    diff::{Diff, compare},
};

/// The name and version of the JSON format.
pub const SCHEMA: &str = "hubreach.audit/1";

/// The reports of an audit and their summary: the object that `hubreach audit --format json` prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Wire")]
pub struct Audit {
    /// The summary of the reports.
    #[serde(flatten)]
    pub summary: Summary,
    /// One for each tested target.
    pub reports: Vec<Report>,
}

/// The summary of an audit's reports. In NDJSON it is the last event.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// [`SCHEMA`].
    pub schema: String,
    /// The program that wrote it.
    pub tool: Tool,
    /// The plan's name.
    pub title: Option<String>,
    /// When the run began, RFC 3339 in UTC with milliseconds.
    pub started_at: String,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
    /// Whether it was cut short: some targets were not tested completely, or not at all.
    pub partial: bool,
    /// How many targets were planned.
    pub planned: usize,
    /// How many were tested.
    pub tested: usize,
    /// How many of these have everything that they require, and at least one check allowed.
    pub ready: usize,
    /// How many require nothing, and have nothing that is known to get through: neither ready nor failed.
    pub out_of_reach: usize,
    /// Whether every planned target has everything that it requires.
    pub met: bool,
    /// The pace that the network sustained; `None` if unknown.
    pub pace: Option<Pace>,
    /// What changed since an earlier run; `None` if there is none to compare with, or no check in common.
    pub changes: Option<Diff>,
    /// The actions that fix the most, sorted.
    pub actions: Vec<Action>,
    /// The checks without a known cause: no action can be named for them.
    pub unexplained: Vec<Concerned>,
}

impl Audit {
    /// Combines reports. `started_at` and `duration_ms` are the whole run's, as in a [`Report`]; `planned` is the
    /// number of planned targets.
    pub fn new(
        title: Option<String>,
        started_at: String,
        duration_ms: f64,
        planned: usize,
        reports: Vec<Report>,
    ) -> Self {
        let summary = Summary { title, started_at, duration_ms, ..Summary::of(&reports, planned) };
        Self { summary, reports }
    }

    /// Adds the pace.
    pub fn paced(mut self, pace: Option<Pace>) -> Self {
        self.summary.pace = pace;
        self
    }

    /// Adds what changed since the reports of an earlier run.
    pub fn since(mut self, before: &[Report]) -> Self {
        self.summary.changes = compare(before, &self.reports).ok();
        self
    }

    /// An audit of which only the reports are known.
    pub fn of(reports: Vec<Report>) -> Self {
        Self { summary: Summary::of(&reports, reports.len()), reports }
    }

    /// The same run with other reports, for example after a new diagnosis.
    pub fn with(&self, reports: Vec<Report>) -> Self {
        let Summary { title, started_at, duration_ms, planned, pace, .. } = &self.summary;
        Self::new(title.clone(), started_at.clone(), *duration_ms, *planned, reports).paced(pace.clone())
    }

    /// The reports of the targets that are not ready.
    pub(in crate::report) fn not_ready(&self) -> impl Iterator<Item = &Report> {
        self.reports.iter().filter(|report| !report.is_ready())
    }
}

impl Summary {
    /// The summary that `reports` alone give, of `planned` targets.
    pub(in crate::report) fn of(reports: &[Report], planned: usize) -> Self {
        let ready = reports.iter().filter(|report| report.is_ready()).count();
        let met = reports.iter().filter(|report| report.diagnosis.requirement_met).count();
        let (tested, planned) = (reports.len(), planned.max(reports.len()));
        let stopped = roots::stopped(reports);
        let first = reports.iter().map(|report| report.observations.started_at.as_str()).min();
        Self {
            schema: SCHEMA.to_owned(),
            tool: Tool::this(),
            title: None,
            started_at: first.unwrap_or_default().to_owned(),
            duration_ms: span(reports),
            partial: tested < planned || reports.iter().any(|report| report.observations.partial),
            planned,
            tested,
            ready,
            out_of_reach: met - ready,
            met: met == planned,
            pace: None,
            changes: None,
            actions: action::actions(&stopped),
            unexplained: action::unexplained(&stopped),
        }
    }

    /// The answer in a sentence.
    pub(in crate::report) fn answer(&self) -> String {
        let not_ready = self.tested - self.ready - self.out_of_reach;
        let apart = match self.out_of_reach {
            0 => String::new(),
            1 => "; 1 requires nothing, and nothing of it gets through".to_owned(),
            some => format!("; {some} require nothing, and nothing of them gets through"),
        };
        match (self.tested, not_ready) {
            (0, _) => "No target was tested".to_owned(),
            (1, 0) if self.out_of_reach == 1 => {
                "The target requires nothing, and nothing of it gets through".to_owned()
            }
            (all, 0) if self.out_of_reach > 0 => format!("{} of {all} targets are ready{apart}", self.ready),
            (1, 0) => "The target is ready: all that it requires is allowed".to_owned(),
            (1, _) => "The target is NOT ready: not all that it requires is allowed".to_owned(),
            (all, 0) => format!("All {all} targets are ready: all that they require is allowed"),
            (all, 1) => {
                format!("{} of {all} targets are ready (all that is required is allowed); 1 is NOT{apart}", self.ready)
            }
            (all, not) => {
                let ready = self.ready;
                format!("{ready} of {all} targets are ready (all that is required is allowed); {not} are NOT{apart}")
            }
        }
    }

    /// What is worth reporting about the pace, in sentences.
    pub(in crate::report) fn pace(&self) -> Vec<String> {
        self.pace.as_ref().map(Pace::sentences).unwrap_or_default()
    }

    /// What was not tested, in a sentence.
    pub(in crate::report) fn lacking(&self) -> Option<String> {
        match (self.tested < self.planned, self.partial) {
            (true, _) => Some(format!("Cut short: {} of {} targets were tested.", self.tested, self.planned)),
            (false, true) => Some("Interrupted: some targets were not tested to their end.".to_owned()),
            (false, false) => None,
        }
    }
}

/// From the start of the first to the end of the last, in milliseconds.
fn span(reports: &[Report]) -> f64 {
    let at = |report: &Report| {
        let began = humantime::parse_rfc3339(&report.observations.started_at).ok()?;
        Some(began.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs_f64() * 1000.0)
    };
    let spans =
        reports.iter().filter_map(|report| at(report).map(|began| (began, began + report.observations.duration_ms)));
    let whole = spans.reduce(|(began, ended), next| (began.min(next.0), ended.max(next.1)));
    // Rounded to a tenth, as the runs are: the difference of two large numbers is no more precise.
    whole.map_or(0.0, |(began, ended)| ((ended - began) * 10.0).round() / 10.0)
}

/// An audit as it is read. What the reports imply is computed again, not trusted. Files of older versions hold the
/// reports alone.
#[derive(Deserialize)]
pub(in crate::report) struct Wire {
    title: Option<String>,
    started_at: Option<String>,
    duration_ms: Option<f64>,
    planned: Option<usize>,
    /// What no report says is trusted.
    pace: Option<Pace>,
    changes: Option<Diff>,
    #[serde(default)]
    reports: Vec<Report>,
}

impl Wire {
    /// Adds reports that are stored elsewhere, as in NDJSON.
    pub(in crate::report) fn with(self, reports: Vec<Report>) -> Self {
        Self { reports, ..self }
    }
}

impl From<Wire> for Audit {
    fn from(wire: Wire) -> Self {
        let Wire { title, started_at, duration_ms, planned, pace, changes, reports } = wire;
        let mut audit = match (started_at, duration_ms) {
            (Some(started_at), Some(duration_ms)) => {
                Self::new(title, started_at, duration_ms, planned.unwrap_or(reports.len()), reports)
            }
            _ => Self::of(reports),
        };
        audit.summary.changes = changes;
        audit.paced(pace)
    }
}
