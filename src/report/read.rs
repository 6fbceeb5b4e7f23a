//! A saved report is read again.

use super::{Report, SCHEMA, escape};

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
        let value: serde_json::Value = serde_json::from_str(text)
            .map_err(|error| ReadError::NotJson { line: error.line(), column: error.column() })?;
        // The version first: a report of another one would otherwise be called damaged.
        match value.get("schema").and_then(serde_json::Value::as_str) {
            Some(SCHEMA) => {}
            Some(found) => return Err(ReadError::OtherSchema { found: short(found) }),
            None => return Err(ReadError::NoReport),
        }
        // From the text again: these errors name the line.
        serde_json::from_str(text).map_err(|error| ReadError::Damaged { reason: short(&error.to_string()) })
    }
}

/// What the file says, harmless and short enough for a line.
fn short(text: &str) -> String {
    escape(text).chars().take(200).collect()
}
