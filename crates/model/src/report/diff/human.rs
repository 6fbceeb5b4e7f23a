//! The difference for a terminal: the answer first.

use std::collections::HashMap;

use anstyle::{AnsiColor, Style};

use super::{Change, Compared, Diff, State, news};
use crate::report::{
    screen::{Page, Screen},
    style::BOLD,
    text::{located, shown, verdict},
};

/// Columns for the word, and for the check.
const WORD: usize = 10;
const CHECK: usize = 15;
/// Minimum screen width for a table.
const TABLE: usize = 60;

pub(super) fn render(diff: &Diff, screen: Screen) -> String {
    let mut page = Page::new(screen);
    write(&mut page, diff);
    page.into_text()
}

/// The same as part of another page.
pub(in crate::report) fn write(page: &mut Page, diff: &Diff) {
    let (answer, counts) = diff.answer();
    page.styled(BOLD, "", "", &format!("{answer}: {counts}"));
    for note in &diff.notes {
        page.wrapped("Note: ", "      ", &shown(note));
    }
    let (changed, rest) = news(diff);
    for (rows, hosts) in alike(page, &changed) {
        page.push("\n");
        page.wrapped("", "  ", &hosts.join(", "));
        page.push(&rows);
    }
    for line in rest.lines(shown) {
        page.push("\n");
        page.wrapped("", "  ", &line);
    }
}

/// The rows of each hub; hubs with the same rows are grouped.
fn alike(page: &Page, changed: &[(&str, Vec<&Compared>)]) -> Vec<(String, Vec<String>)> {
    let mut lots: Vec<(String, Vec<String>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (host, checks) in changed {
        let rows: String = checks.iter().map(|check| row(page, check)).collect();
        let place = *places.entry(rows.clone()).or_insert(lots.len());
        match lots.get_mut(place) {
            Some((_, hosts)) => hosts.push(shown(host)),
            None => lots.push((rows, vec![shown(host)])),
        }
    }
    lots
}

fn row(page: &Page, check: &Compared) -> String {
    let word = check.change.word();
    let style = match check.change {
        Change::Broken => AnsiColor::Red.on_default().bold(),
        Change::Fixed => AnsiColor::Green.on_default(),
        Change::ChangedCause | Change::Removed => AnsiColor::Yellow.on_default(),
        Change::Unchanged | Change::Added => Style::new(),
    };
    let head = format!("  {word:<WORD$}  {:<CHECK$}", shown(check.check.as_str()));
    let states: Vec<String> = match (&check.before, &check.after) {
        (Some(then), Some(now)) if check.change != Change::Unchanged => {
            vec![format!("was {}", said(check, then)), format!("now {}", said(check, now))]
        }
        (then, now) => {
            let state = now.as_ref().or(then.as_ref()).map(|state| said(check, state)).unwrap_or_default();
            let was = if now.is_none() { "was " } else { "" };
            vec![format!("{was}{state}")]
        }
    };
    let lines: String = match page.columns() >= TABLE {
        true => {
            let before = format!("{head}  ");
            let indent = " ".repeat(2 + WORD + 2 + CHECK + 2);
            let firsts = [before.as_str()].into_iter().chain(std::iter::repeat(indent.as_str()));
            firsts.zip(&states).map(|(first, state)| page.lines(first, &indent, state)).collect()
        }
        false => {
            let lines = states.iter().map(|state| page.lines("    ", "      ", state));
            let head = page.lines("  ", "    ", head.trim_start());
            [head].into_iter().chain(lines).collect()
        }
    };
    lines.replacen(word, &format!("{style}{word}{style:#}"), 1)
}

/// `BLOCKED: silently dropped (silent-drop)`
pub(in crate::report) fn said(check: &Compared, state: &State) -> String {
    let codes: Vec<&str> = state.causes.iter().map(|code| code.id()).collect();
    let codes = if codes.is_empty() { String::new() } else { format!(" ({})", codes.join(", ")) };
    let at = state
        .location
        .as_ref()
        .filter(|_| check.has_moved())
        .map(|at| format!(", at {}", located(at)))
        .unwrap_or_default();
    format!("{}: {}{codes}{at}", verdict(state.verdict), shown(&state.summary))
}
