//! What changed since an earlier run: one row per changed check.

use super::text::shown;
use crate::report::diff::{Change, Compared, Diff, State, news, said};

pub(super) struct Changes {
    pub(super) is_worse: bool,
    pub(super) answer: String,
    pub(super) notes: Vec<String>,
    pub(super) rows: Vec<Row>,
    /// What only numbers describe.
    pub(super) rest: Vec<String>,
}

pub(super) struct Row {
    pub(super) class: &'static str,
    pub(super) word: &'static str,
    pub(super) host: String,
    pub(super) check: String,
    pub(super) before: String,
    pub(super) after: String,
}

impl Changes {
    pub(super) fn of(diff: &Diff) -> Self {
        let (answer, counts) = diff.answer();
        let (changed, rest) = news(diff);
        let rows = changed.into_iter().flat_map(|(host, checks)| checks.into_iter().map(move |check| row(host, check)));
        Self {
            is_worse: diff.regressed,
            answer: format!("{answer}: {counts}"),
            notes: diff.notes.iter().map(|note| shown(note)).collect(),
            rows: rows.collect(),
            rest: rest.lines(shown),
        }
    }
}

fn row(host: &str, check: &Compared) -> Row {
    let state = |state: &Option<State>| state.as_ref().map_or_else(|| "-".to_owned(), |state| said(check, state));
    Row {
        class: match check.change {
            Change::Broken => "blocked",
            Change::Fixed => "allowed",
            Change::ChangedCause | Change::Removed => "declined",
            Change::Unchanged | Change::Added => "unknown",
        },
        word: check.change.word(),
        host: shown(host),
        check: shown(check.check.as_str()),
        before: state(&check.before),
        after: state(&check.after),
    }
}
