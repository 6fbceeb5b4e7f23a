//! Saved reports are read again.

use serde_json::Value;

use super::{AUDIT_SCHEMA, Report, SCHEMA, escape};

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

impl Report {
    /// Reads what [`Report::render`] wrote as JSON; unknown keys are ignored.
    pub fn from_json(text: &str) -> Result<Self, ReadError> {
        // The version first: a report of another one would otherwise be called damaged.
        check_schema(&json(text)?)?;
        // From the text again: these errors name the line.
        serde_json::from_str(text).map_err(damaged)
    }
}

/// Reads what [`render`](super::render) wrote as JSON or NDJSON: one report, or those of an audit.
pub fn read(text: &str) -> Result<Vec<Report>, ReadError> {
    if let Some(reports) = finished(text) {
        return reports.into_iter().map(report).collect();
    }
    let mut value = json(text)?;
    if schema(&value) != Some(AUDIT_SCHEMA) {
        return Report::from_json(text).map(|report| vec![report]);
    }
    match value.get_mut("reports").map(Value::take) {
        Some(Value::Array(reports)) => reports.into_iter().map(report).collect(),
        _ => Err(ReadError::NoReport),
    }
}

/// The reports among the events of NDJSON; `None` where `text` is none, or tells of a run that never finished.
fn finished(text: &str) -> Option<Vec<Value>> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let mut reports = Vec::new();
    for line in lines {
        let mut event: Value = serde_json::from_str(line).ok()?;
        if event.get("event")? == "report" {
            reports.push(event.get_mut("report")?.take());
        }
    }
    (!reports.is_empty()).then_some(reports)
}

fn json(text: &str) -> Result<Value, ReadError> {
    serde_json::from_str(text).map_err(|error| ReadError::NotJson { line: error.line(), column: error.column() })
}

fn report(value: Value) -> Result<Report, ReadError> {
    check_schema(&value)?;
    serde_json::from_value(value).map_err(damaged)
}

fn check_schema(value: &Value) -> Result<(), ReadError> {
    match schema(value) {
        Some(SCHEMA) => Ok(()),
        Some(found) => Err(ReadError::OtherSchema { found: short(found) }),
        None => Err(ReadError::NoReport),
    }
}

fn schema(value: &Value) -> Option<&str> {
    value.get("schema").and_then(Value::as_str)
}

#[allow(clippy::needless_pass_by_value, reason = "for map_err")]
fn damaged(error: serde_json::Error) -> ReadError {
    ReadError::Damaged { reason: short(&error.to_string()) }
}

/// What the file says, harmless and short enough for a line.
fn short(text: &str) -> String {
    escape(text).chars().take(200).collect()
}
