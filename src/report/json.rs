//! Reports and audits as JSON: one object, or a line at a time. Nothing in it can steer a terminal: JSON itself escapes only some of
//! what could.

use serde::Serialize;

use super::{Audit, Report, Summary, escape::is_harmful};

/// Any value as indented JSON.
pub(super) fn pretty(value: &impl Serialize) -> String {
    harmless(&serde_json::to_string_pretty(value).unwrap_or_default())
}

/// The last event of a run, and of an audit: what it came to.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum Finished<'a> {
    Report { report: &'a Report },
    Audit(&'a Summary),
}

/// The last event of a run; the others stand before it.
pub(super) fn event(report: &Report) -> String {
    line(&Finished::Report { report })
}

/// A line for each target, and one for all of them.
pub(super) fn events(audit: &Audit) -> String {
    let reports = audit.reports.iter().map(event);
    reports.chain([last_event(&audit.summary)]).collect()
}

/// The last event of an audit; its reports' stand before it.
pub(super) fn last_event(summary: &Summary) -> String {
    line(&Finished::Audit(summary))
}

/// `value` as one line of JSON, with its line break, in which nothing can steer a terminal.
pub fn line(value: &impl Serialize) -> String {
    harmless(&serde_json::to_string(value).unwrap_or_default())
}

fn harmless(text: &str) -> String {
    let mut harmless = String::with_capacity(text.len() + 1);
    // Outside its strings JSON is ASCII, so whatever is harmful stands in a string, where an escape means the same.
    for character in text.chars() {
        if character != '\n' && is_harmful(character) {
            let mut units = [0; 2];
            harmless.extend(character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            harmless.push(character);
        }
    }
    harmless.push('\n');
    harmless
}
