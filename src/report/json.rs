//! The report as one JSON object.

use std::io;

use serde::Deserialize;

use super::{ReadError, Report, SchemaVersion, escape};

/// Writes the report as indented JSON. Nothing in it can steer a terminal: JSON itself escapes only some of what could.
pub(super) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let text = serde_json::to_string_pretty(report)?;
    // Outside its strings JSON is ASCII, so whatever is unsafe stands in a string, where an escape means the same.
    let mut inert = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        if c != '\n' && escape::is_unsafe(c) {
            let mut units = [0; 2];
            inert.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            inert.push(c);
        }
    }
    inert.push('\n');
    out.write_all(inert.as_bytes())
}

impl Report {
    /// Reads a report that was written as JSON. Keys that this version does not know are ignored.
    pub fn from_json(text: &[u8]) -> Result<Self, ReadError> {
        // The version first: a report of another version would otherwise be called damaged.
        #[derive(Deserialize)]
        struct Head {
            schema: Option<String>,
        }
        let value: serde_json::Value = serde_json::from_slice(text).map_err(ReadError::NotJson)?;
        let head = Head::deserialize(&value).map_err(|_| ReadError::NoSchema)?;
        SchemaVersion::try_from(head.schema.ok_or(ReadError::NoSchema)?)?;
        // From the text again, since its errors name the line.
        serde_json::from_slice(text).map_err(ReadError::Damaged)
    }
}
