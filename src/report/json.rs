//! Reports as JSON: one object, or a line at a time. Nothing in it can steer a terminal: JSON itself escapes only some of
//! what could.

use serde::Serialize;

use super::{AUDIT_SCHEMA, Report, escape::is_harmful};

/// Several reports as one object; readers find each as it would be alone.
#[derive(Serialize)]
struct Audit<'a> {
    schema: &'a str,
    reports: &'a [Report],
}

/// Indented JSON.
pub(super) fn render(reports: &[Report]) -> String {
    // Serialising to memory fails only for maps with other keys than strings; there are none.
    let text = match reports {
        [one] => serde_json::to_string_pretty(one),
        reports => serde_json::to_string_pretty(&Audit { schema: AUDIT_SCHEMA, reports }),
    };
    harmless(&text.unwrap_or_default())
}

/// Any value as indented JSON, harmless like a report.
pub(super) fn pretty(value: &impl Serialize) -> String {
    harmless(&serde_json::to_string_pretty(value).unwrap_or_default())
}

/// The last event of a run: what it came to.
#[derive(Serialize)]
#[serde(tag = "event", rename = "report")]
struct Finished<'a> {
    report: &'a Report,
}

/// A line of JSON for each report; a run's other events stand before it.
pub(super) fn lines(reports: &[Report]) -> String {
    reports.iter().map(|report| line(&Finished { report })).collect()
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
