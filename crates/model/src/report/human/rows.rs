//! One row per check.

use crate::{
    diagnosis::Verdict,
    report::{
        Check, Report,
        index::Index,
        screen::{Page, Screen},
        sections,
        style::colour,
        text::{self, shown},
    },
};

/// Minimum screen width for a table.
const TABLE: usize = 60;

pub(super) fn rows(page: &mut Page, report: &Report, index: &Index<'_>, screen: Screen) {
    let label = |check: Check<'_>| check.observations.protocol.label();
    let widest = report.checks().map(|check| label(check).len()).max().unwrap_or_default();
    let mut previous = None;
    for check in sections::sorted(report) {
        let (word, style) = (text::verdict(check.verdict), colour(check.verdict));
        // A check that gets through without a flaw needs no text.
        let is_well = check.verdict == Verdict::Allowed && !screen.is_unfolded();
        let reason = match index.causes(check).first() {
            Some(cause) if is_well => format!("warning: {}", cause.code),
            None if is_well => String::new(),
            _ => shown(check.summary),
        };
        let is_repeated = !reason.is_empty() && previous.as_ref() == Some(&reason);
        previous = Some(reason.clone());
        let reason = if is_repeated { "the same".to_owned() } else { reason };
        let (name, port, took) = (label(check), check.observations.port, duration(check));
        let lines = match page.columns() >= TABLE {
            true => {
                let before = format!("  {word:<8}  {name:<widest$}  {port:>5}  {took:>8}  ");
                page.lines(&before, &" ".repeat(before.len()), &reason)
            }
            false => {
                let reason = if reason.is_empty() { reason } else { format!(": {reason}") };
                page.lines("  ", "    ", &format!("{word:<8}  {name} {port}, {}{reason}", took.trim()))
            }
        };
        // Colour only after wrapping: escapes have no width.
        page.push(&lines.replacen(word, &format!("{style}{word}{style:#}"), 1));
    }
}

/// Units are aligned.
fn duration(check: Check<'_>) -> String {
    let duration = sections::millis(check).map_or_else(|| "-   ".to_owned(), text::duration);
    if duration.ends_with(" s") { duration + " " } else { duration }
}
