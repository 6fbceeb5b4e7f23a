//! The difference as Markdown, for the ticket.

use std::fmt::Write as _;

use super::{Change, Compared, Diff, State};
use crate::report::{
    markdown::{escaped, row, verdict},
    text::place,
};

pub(super) fn render(diff: &Diff) -> String {
    let mut out = "# What changed\n\n".to_owned();
    let answer = match diff.regressed {
        true => "Something that was allowed is not any more",
        false => "Nothing that was allowed is lost",
    };
    let _ = writeln!(out, "**{answer}:** {}.", diff.counts.sentence());
    for note in &diff.notes {
        let _ = writeln!(out, "\n{}", escaped(note));
    }
    for host in diff.hosts() {
        let _ = writeln!(out, "\n## {}\n", escaped(host));
        row(&mut out, ["change", "check", "before", "after"]);
        row(&mut out, ["---"; 4]);
        for check in diff.checks.iter().filter(|check| check.host == host) {
            row(&mut out, cells(check));
        }
    }
    out
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
        .map(|at| format!(", at {}", escaped(&place(at))))
        .unwrap_or_default();
    format!("{}: {}{codes}{at}", verdict(state.verdict), escaped(&state.summary))
}
