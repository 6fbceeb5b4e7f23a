//! The reports of an audit, and what they come to.

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

/// The reports of an audit and what they come to: the object that `hubreach audit --format json` prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Wire")]
pub struct Audit {
    /// What the reports come to.
    #[serde(flatten)]
    pub summary: Summary,
    /// One for each target that was tested.
    pub reports: Vec<Report>,
}

/// What the reports of an audit come to: in NDJSON the last event.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// [`SCHEMA`].
    pub schema: String,
    /// Which program put it together.
    pub tool: Tool,
    /// What the plan calls itself.
    pub title: Option<String>,
    /// When the run began, RFC 3339 in UTC with milliseconds.
    pub started_at: String,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
    /// Whether it was cut short: targets were not tested, or not to their end.
    pub partial: bool,
    /// How many targets were to be tested.
    pub planned: usize,
    /// How many were.
    pub tested: usize,
    /// How many of these have all that they require, and something at all.
    pub ready: usize,
    /// How many require nothing, and nothing of them is known to get through: neither ready nor a failure.
    pub out_of_reach: usize,
    /// Whether every target that was planned has all that it requires.
    pub met: bool,
    /// What pace the network bore; `None` where that is not known.
    pub pace: Option<Pace>,
    /// What changed since a run before; `None` where there was none to compare with, or none of its checks were made again.
    pub changes: Option<Diff>,
    /// What would mend the most, the most first.
    pub actions: Vec<Action>,
    /// The checks that are stopped without a known cause: no action can be named for them.
    pub unexplained: Vec<Concerned>,
}

impl Audit {
    /// Puts reports together. `started_at` and `duration_ms` are the whole run's, as in a [`Report`]; `planned` targets were to
    /// be tested.
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

    /// With what is known of its pace.
    pub fn paced(mut self, pace: Option<Pace>) -> Self {
        self.summary.pace = pace;
        self
    }

    /// With what changed since the reports of a run before.
    pub fn since(mut self, before: &[Report]) -> Self {
        self.summary.changes = compare(before, &self.reports).ok();
        self
    }

    /// Reports of which no more is known than they tell themselves.
    pub fn of(reports: Vec<Report>) -> Self {
        Self { summary: Summary::of(&reports, reports.len()), reports }
    }

    /// The same run with other reports of it, as after they were judged again.
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
    /// What `reports` tell themselves, of `planned` targets.
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

    /// What is worth telling of the pace, sentences.
    pub(in crate::report) fn pace(&self) -> Vec<String> {
        self.pace.as_ref().map(Pace::sentences).unwrap_or_default()
    }

    /// What was not tested, a sentence.
    pub(in crate::report) fn lacking(&self) -> Option<String> {
        match (self.tested < self.planned, self.partial) {
            (true, _) => Some(format!("Cut short: {} of {} targets were tested.", self.tested, self.planned)),
            (false, true) => Some("Interrupted: some targets were not tested to their end.".to_owned()),
            (false, false) => None,
        }
    }
}

/// From the first's beginning to the last's end, in milliseconds.
fn span(reports: &[Report]) -> f64 {
    let at = |report: &Report| {
        let began = humantime::parse_rfc3339(&report.observations.started_at).ok()?;
        Some(began.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs_f64() * 1000.0)
    };
    let spans =
        reports.iter().filter_map(|report| at(report).map(|began| (began, began + report.observations.duration_ms)));
    let whole = spans.reduce(|(began, ended), next| (began.min(next.0), ended.max(next.1)));
    // To the tenth, as the runs themselves: the difference of two large numbers has no more to tell.
    whole.map_or(0.0, |(began, ended)| ((ended - began) * 10.0).round() / 10.0)
}

/// An audit as it is read: what its reports imply is not believed but found out again. Files of older versions hold the reports
/// alone.
#[derive(Deserialize)]
pub(in crate::report) struct Wire {
    title: Option<String>,
    started_at: Option<String>,
    duration_ms: Option<f64>,
    planned: Option<usize>,
    /// What no report tells is believed.
    pace: Option<Pace>,
    changes: Option<Diff>,
    #[serde(default)]
    reports: Vec<Report>,
}

impl Wire {
    /// With the reports that stand elsewhere, as those of NDJSON do.
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
