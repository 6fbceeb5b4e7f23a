//! The difference for a person at a terminal, in 80 columns: the answer first.

use std::{collections::HashMap, fmt::Write as _};

use anstyle::{AnsiColor, Style};

use super::{Change, Compared, Diff, State, news};
use crate::report::text::{place, shown, verdict, wrapped};

const BOLD: Style = Style::new().bold();

pub(super) fn render(diff: &Diff) -> String {
    let mut out = String::new();
    let (answer, counts) = diff.answer();
    let mut lines = String::new();
    wrapped(&mut lines, "", "", &format!("{answer}: {counts}"));
    out.push_str(&lines.replacen(answer, &format!("{BOLD}{answer}{BOLD:#}"), 1));
    for note in &diff.notes {
        wrapped(&mut out, "Note: ", "      ", &shown(note));
    }
    let (told, rest) = news(diff);
    for (rows, hosts) in alike(&told) {
        out.push('\n');
        wrapped(&mut out, "", "  ", &hosts.join(", "));
        out.push_str(&rows);
    }
    for line in rest.lines(shown) {
        out.push('\n');
        wrapped(&mut out, "", "  ", &line);
    }
    out
}

/// The rows of each hub, hubs with the same rows together.
fn alike(told: &[(&str, Vec<&Compared>)]) -> Vec<(String, Vec<String>)> {
    let mut lots: Vec<(String, Vec<String>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (host, checks) in told {
        let mut rows = String::new();
        for check in checks {
            row(&mut rows, check);
        }
        let place = *places.entry(rows.clone()).or_insert(lots.len());
        match lots.get_mut(place) {
            Some((_, hosts)) => hosts.push(shown(host)),
            None => lots.push((rows, vec![shown(host)])),
        }
    }
    lots
}

fn row(out: &mut String, check: &Compared) {
    let word = check.change.word();
    let style = match check.change {
        Change::Broken => AnsiColor::Red.on_default().bold(),
        Change::Fixed => AnsiColor::Green.on_default(),
        Change::ChangedCause | Change::Removed => AnsiColor::Yellow.on_default(),
        Change::Unchanged | Change::Added => Style::new(),
    };
    let before = format!("  {word:<10}  {:<15}  ", shown(check.check.as_str()));
    let indent = " ".repeat(31);
    let mut lines = String::new();
    match (&check.before, &check.after) {
        (Some(then), Some(now)) if check.change != Change::Unchanged => {
            wrapped(&mut lines, &before, &indent, &format!("was {}", said(check, then)));
            wrapped(&mut lines, &indent, &indent, &format!("now {}", said(check, now)));
        }
        (then, now) => {
            let state = now.as_ref().or(then.as_ref()).map(|state| said(check, state)).unwrap_or_default();
            let was = if now.is_none() { "was " } else { "" };
            wrapped(&mut lines, &before, &indent, &format!("{was}{state}"));
        }
    }
    let _ = write!(out, "{}", lines.replacen(word, &format!("{style}{word}{style:#}"), 1));
}

/// `BLOCKED: silently dropped (silent-drop)`
pub(in crate::report) fn said(check: &Compared, state: &State) -> String {
    let codes: Vec<&str> = state.causes.iter().map(|code| code.id()).collect();
    let codes = if codes.is_empty() { String::new() } else { format!(" ({})", codes.join(", ")) };
    let at = state
        .location
        .as_ref()
        .filter(|_| check.has_moved())
        .map(|at| format!(", at {}", place(at)))
        .unwrap_or_default();
    format!("{}: {}{codes}{at}", verdict(state.verdict), shown(&state.summary))
}
