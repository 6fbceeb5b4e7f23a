//! A saved report is read again.

use serde::Deserialize;

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
    OtherSchema,
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
        #[derive(Deserialize)]
        struct Head {
            schema: Option<serde_json::Value>,
        }
        let head: Head = serde_json::from_str(text).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => ReadError::OtherSchema,
            _ => ReadError::NotJson { line: error.line(), column: error.column() },
        })?;
        if head.schema.as_ref().and_then(serde_json::Value::as_str) != Some(SCHEMA) {
            return Err(ReadError::OtherSchema);
        }
        serde_json::from_str(text)
            .map_err(|error| ReadError::Damaged { reason: escape(&error.to_string()).chars().take(200).collect() })
    }
}
