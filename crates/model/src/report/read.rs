//! Reads saved reports.

use serde::{Deserialize, de::DeserializeOwned};

use super::{AUDIT_SCHEMA, Audit, Format, Report, SCHEMA, Screen, audit::summary::Wire, escape};
use crate::diagnosis::diagnose;

/// Why this version cannot read a text as a report.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Not JSON at all.
    #[error(
        "this is not JSON (line {line}, column {column}); give a file that `hubreach check --output FILE.json` wrote"
    )]
    NotJson {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// JSON, but not a report of this kind.
    #[error("this JSON is not a `{SCHEMA}` report; give a file that `hubreach check --output FILE.json` wrote")]
    NoReport,
    /// A report of another version or another program.
    #[error(
        "this JSON has the schema `{found}`, this version reads `{SCHEMA}`; use the hubreach that wrote it, or a newer one"
    )]
    OtherSchema {
        /// Its schema, escaped for a terminal.
        found: String,
    },
    /// A report whose content contradicts the format.
    #[error("this report is damaged: {reason}; give the file as `hubreach check` wrote it")]
    Damaged {
        /// What is wrong, escaped for a terminal.
        reason: String,
    },
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Document {
    /// One run's report on one hub.
    Report(Box<Report>),
    /// The summary of several.
    Audit(Box<Audit>),
}

impl Document {
    /// Reads JSON or NDJSON; unknown keys are ignored.
    pub fn read(text: &str) -> Result<Self, ReadError> {
        if let Some(read) = events(text) {
            return read;
        }
        // The version first: otherwise a report of another version looks damaged.
        let head: Head = shape(text)?;
        if head.schema.as_deref() != Some(AUDIT_SCHEMA) {
            head.check()?;
            return typed(text).map(|report| Self::Report(Box::new(report)));
        }
        head.reports.ok_or(ReadError::NoReport)?.iter().try_for_each(Head::check)?;
        typed(text).map(|audit| Self::Audit(Box::new(audit)))
    }

    /// Its reports.
    pub fn reports(&self) -> &[Report] {
        match self {
            Self::Report(report) => std::slice::from_ref(report),
            Self::Audit(audit) => &audit.reports,
        }
    }

    /// Whether the requirement is met.
    pub fn is_met(&self) -> bool {
        match self {
            Self::Report(report) => report.diagnosis.requirement_met,
            Self::Audit(audit) => audit.summary.met,
        }
    }

    /// The same facts with this version's diagnosis.
    pub fn judged_again(&self) -> Self {
        let again = |report: &Report| {
            let diagnosis = diagnose(&report.observations);
            Report::new(report.observations.clone(), diagnosis).in_plan(report.plan.clone())
        };
        match self {
            Self::Report(report) => Self::Report(Box::new(again(report))),
            Self::Audit(audit) => Self::Audit(Box::new(audit.with(audit.reports.iter().map(again).collect()))),
        }
    }

    /// [`Report::render`] or [`Audit::render`].
    pub fn render(&self, format: Format) -> String {
        match self {
            Self::Report(report) => report.render(format),
            Self::Audit(audit) => audit.render(format),
        }
    }

    /// As [`Self::render`], but formats for people fit a screen.
    pub fn render_on(&self, screen: Screen, format: Format) -> String {
        match self {
            Self::Report(report) => report.render_on(screen, format),
            Self::Audit(audit) => audit.render_on(screen, format),
        }
    }
}

impl Report {
    /// Reads the JSON that [`Report::render`] wrote; unknown keys are ignored.
    pub fn from_json(text: &str) -> Result<Self, ReadError> {
        shape::<Head>(text)?.check()?;
        typed(text)
    }
}

/// The reports in JSON or NDJSON: one, or those of an audit.
pub fn read(text: &str) -> Result<Vec<Report>, ReadError> {
    Document::read(text).map(|document| match document {
        Document::Report(report) => vec![*report],
        Document::Audit(audit) => audit.reports,
    })
}

/// What identifies a file's kind. The rest is skipped: it may be large.
#[derive(Deserialize)]
struct Head {
    schema: Option<String>,
    event: Option<String>,
    report: Option<Box<Self>>,
    reports: Option<Vec<Self>>,
}

impl Head {
    fn check(&self) -> Result<(), ReadError> {
        match self.schema.as_deref() {
            Some(SCHEMA) => Ok(()),
            Some(found) => Err(ReadError::OtherSchema { found: short(found) }),
            None => Err(ReadError::NoReport),
        }
    }
}

#[derive(Deserialize)]
struct Finished {
    report: Report,
}

/// The last event of NDJSON; `None` if `text` is not NDJSON, or its run never finished.
fn events(text: &str) -> Option<Result<Document, ReadError>> {
    let (mut reports, mut audit) = (Vec::new(), None);
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let head: Head = serde_json::from_str(line).ok()?;
        match (head.event?.as_str(), head.report) {
            ("report", Some(report)) => reports.push(report.check().and_then(|()| typed::<Finished>(line))),
            ("audit", _) => audit = Some(typed::<Wire>(line)),
            _ => {}
        }
    }
    if reports.is_empty() && audit.is_none() {
        return None;
    }
    Some(put_together(reports, audit))
}

fn put_together(
    reports: Vec<Result<Finished, ReadError>>,
    audit: Option<Result<Wire, ReadError>>,
) -> Result<Document, ReadError> {
    let reports = reports.into_iter().map(|read| read.map(|finished| finished.report));
    let mut reports = reports.collect::<Result<Vec<Report>, ReadError>>()?;
    Ok(match (audit.transpose()?, reports.len()) {
        (Some(audit), _) => Document::Audit(Box::new(audit.with(reports).into())),
        (None, 1) => Document::Report(Box::new(reports.remove(0))),
        (None, _) => Document::Audit(Box::new(Audit::of(reports))),
    })
}

/// The kind of `text`. JSON of another shape is not a report.
fn shape<T: DeserializeOwned>(text: &str) -> Result<T, ReadError> {
    serde_json::from_str(text).map_err(|error| match error.is_data() {
        true => ReadError::NoReport,
        false => ReadError::NotJson { line: error.line(), column: error.column() },
    })
}

/// All of `text`. These errors name the line.
fn typed<T: DeserializeOwned>(text: &str) -> Result<T, ReadError> {
    serde_json::from_str(text).map_err(|error| ReadError::Damaged { reason: short(&error.to_string()) })
}

/// What the file says, escaped and short enough for a line.
fn short(text: &str) -> String {
    escape(text).chars().take(200).collect()
}
