//! Saved reports are read again.

use serde::{Deserialize, de::DeserializeOwned};

use super::{AUDIT_SCHEMA, Audit, Format, Report, SCHEMA, Screen, audit::summary::Wire, escape};
use crate::diagnosis::diagnose;

/// Why a text is no report that this version can read.
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
    /// A report of another version, or another program's.
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
    /// What one run saw of one hub.
    Report(Box<Report>),
    /// What several came to.
    Audit(Box<Audit>),
}

impl Document {
    /// Reads what was written as JSON or NDJSON; unknown keys are ignored.
    pub fn read(text: &str) -> Result<Self, ReadError> {
        if let Some(read) = events(text) {
            return read;
        }
        // The version first: a report of another one would otherwise be called damaged.
        let head: Head = shape(text)?;
        if head.schema.as_deref() != Some(AUDIT_SCHEMA) {
            head.check()?;
            return typed(text).map(|report| Self::Report(Box::new(report)));
        }
        head.reports.ok_or(ReadError::NoReport)?.iter().try_for_each(Head::check)?;
        typed(text).map(|audit| Self::Audit(Box::new(audit)))
    }

    /// The reports in it.
    pub fn reports(&self) -> &[Report] {
        match self {
            Self::Report(report) => std::slice::from_ref(report),
            Self::Audit(audit) => &audit.reports,
        }
    }

    /// Whether what is required is allowed.
    pub fn is_met(&self) -> bool {
        match self {
            Self::Report(report) => report.diagnosis.requirement_met,
            Self::Audit(audit) => audit.summary.met,
        }
    }

    /// The same facts as this version judges them.
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

    /// As [`Self::render`], what people read as it fits a screen.
    pub fn render_on(&self, screen: Screen, format: Format) -> String {
        match self {
            Self::Report(report) => report.render_on(screen, format),
            Self::Audit(audit) => audit.render_on(screen, format),
        }
    }
}

impl Report {
    /// Reads what [`Report::render`] wrote as JSON; unknown keys are ignored.
    pub fn from_json(text: &str) -> Result<Self, ReadError> {
        shape::<Head>(text)?.check()?;
        typed(text)
    }
}

/// The reports in what was written as JSON or NDJSON: one, or those of an audit.
pub fn read(text: &str) -> Result<Vec<Report>, ReadError> {
    Document::read(text).map(|document| match document {
        Document::Report(report) => vec![*report],
        Document::Audit(audit) => audit.reports,
    })
}

/// What tells a file's kind. All else is skipped: it may be large.
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

/// What the events of NDJSON end with; `None` where `text` is none, or tells of a run that never finished.
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

/// `text` as far as its kind goes. What is JSON, but of another shape, is no report.
fn shape<T: DeserializeOwned>(text: &str) -> Result<T, ReadError> {
    serde_json::from_str(text).map_err(|error| match error.is_data() {
        true => ReadError::NoReport,
        false => ReadError::NotJson { line: error.line(), column: error.column() },
    })
}

/// `text` in whole. These errors name the line.
fn typed<T: DeserializeOwned>(text: &str) -> Result<T, ReadError> {
    serde_json::from_str(text).map_err(|error| ReadError::Damaged { reason: short(&error.to_string()) })
}

/// What the file says, harmless and short enough for a line.
fn short(text: &str) -> String {
    escape(text).chars().take(200).collect()
}
