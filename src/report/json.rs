//! The report as one JSON object.

use serde::Serialize;

use super::{Report, escape::is_harmful};

/// Indented JSON. Nothing in it can steer a terminal: JSON itself escapes only some of what could.
pub(super) fn render(report: &Report) -> String {
    harmless(report)
}

/// The same for any document.
pub(super) fn harmless(document: &impl Serialize) -> String {
    // Serialising to memory fails only for maps with other keys than strings; there are none.
    let text = serde_json::to_string_pretty(document).unwrap_or_default();
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
