//! The difference as Markdown, for the ticket.

use std::fmt::Write as _;

use super::{Change, Compared, Diff, State, news};
use crate::report::{
    markdown_text::{escaped, row, verdict},
    text::located,
};

/// Below a heading of `heading`'s level.
pub(super) fn render(diff: &Diff, heading: &str) -> String {
    let mut out = format!("{heading} What changed\n\n");
    let (answer, counts) = diff.answer();
    let _ = writeln!(out, "**{answer}:** {counts}");
    for note in &diff.notes {
        let _ = writeln!(out, "\n{}", escaped(note));
    }
    let hubs = diff.hubs();
    if let [(host, checks)] = hubs.as_slice() {
        // For a single hub, everything is listed.
        table(&mut out, heading, host, checks);
        return out;
    }
    let (changed, rest) = news(diff);
    for (host, checks) in changed {
        table(&mut out, heading, host, &checks);
    }
    let rest = rest.lines(escaped);
    if !rest.is_empty() {
        let _ = writeln!(out, "\n{heading}# The rest\n");
    }
    for line in rest {
        let _ = writeln!(out, "- {line}");
    }
    out
}

fn table(out: &mut String, heading: &str, host: &str, checks: &[&Compared]) {
    let _ = writeln!(out, "\n{heading}# {}\n", escaped(host));
    row(out, ["change", "check", "before", "after"]);
    row(out, ["---"; 4]);
    for check in checks {
        row(out, cells(check));
    }
}

fn cells(check: &Compared) -> [String; 4] {
    let word = match check.change {
        Change::Broken => format!("**{}**", check.change.word()),
        other => other.word().to_owned(),
    };
    let said = |state: &Option<State>| state.as_ref().map_or_else(|| "-".to_owned(), |state| said(check, state));
    [word, escaped(check.check.as_str()), said(&check.before), said(&check.after)]
}

fn said(check: &Compared, state: &State) -> String {
    let codes: Vec<String> = state.causes.iter().map(|code| format!("`{code}`")).collect();
    let codes = if codes.is_empty() { String::new() } else { format!(" ({})", codes.join(", ")) };
    let at = state
        .location
        .as_ref()
        .filter(|_| check.has_moved())
        .map(|at| format!(", at {}", escaped(&located(at))))
        .unwrap_or_default();
    format!("{}: {}{codes}{at}", verdict(state.verdict), escaped(&state.summary))
}
