//! Reports and audits as JSON: one object, or one line per event. Nothing in it can steer a terminal: JSON's own
//! escapes are not enough for that.

use std::io;

use serde::Serialize;

use super::{Audit, Report, Summary, escape::is_harmful};

/// Any value as indented JSON.
pub(super) fn pretty(value: &impl Serialize) -> String {
    let mut out = Harmless::default();
    // Writing to memory fails only for maps with keys that are not strings; there are none.
    let _ = serde_json::to_writer_pretty(&mut out, value);
    out.line()
}

/// The last event of a run or an audit: its summary.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum Finished<'a> {
    Report { report: &'a Report },
    Audit(&'a Summary),
}

/// The last event of a run, after all others.
pub(super) fn event(report: &Report) -> String {
    line(&Finished::Report { report })
}

/// One line per target, and one for all of them.
pub(super) fn events(audit: &Audit) -> String {
    let reports = audit.reports.iter().map(event);
    reports.chain([last_event(&audit.summary)]).collect()
}

/// The last event of an audit, after those of its reports.
pub(super) fn last_event(summary: &Summary) -> String {
    line(&Finished::Audit(summary))
}

/// `value` as one line of JSON with its line break. Nothing in it can steer a terminal.
pub fn line(value: &impl Serialize) -> String {
    let mut out = Harmless::default();
    let _ = serde_json::to_writer(&mut out, value);
    out.line()
}

/// Escapes harmful characters while JSON is written: an audit is too large for a second pass in memory.
#[derive(Default)]
struct Harmless(String);

impl Harmless {
    fn line(mut self) -> String {
        self.0.push('\n');
        self.0
    }
}

impl io::Write for Harmless {
    fn write(&mut self, written: &[u8]) -> io::Result<usize> {
        // The serializer writes whole pieces of strings.
        let text = str::from_utf8(written).map_err(io::Error::other)?;
        for character in text.chars() {
            // Outside strings JSON is ASCII. So a harmful character is in a string, where an escape means the same.
            if character != '\n' && is_harmful(character) {
                let mut units = [0; 2];
                self.0.extend(character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
            } else {
                self.0.push(character);
            }
        }
        Ok(written.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
