//! What changed, check by check.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::{
    diagnosis::{Code, Location, Verdict},
    hub::{CheckId, Depth},
    report::text,
};

/// The name and version of the JSON format.
pub const SCHEMA: &str = "hubreach.diff/1";

/// What changed, check by check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diff {
    /// [`SCHEMA`].
    pub schema: String,
    /// Whether something was allowed before and is not after.
    pub regressed: bool,
    /// The number of checks by kind of change.
    pub counts: Counts,
    /// Every check of either side, grouped by hub, in the order of the second side.
    pub checks: Vec<Compared>,
    /// Why the two sides are hard to compare, a sentence each.
    pub notes: Vec<String>,
}

/// The number of checks by kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[allow(missing_docs, reason = "named like the changes")]
pub struct Counts {
    pub broken: usize,
    pub fixed: usize,
    pub changed_cause: usize,
    pub unchanged: usize,
    pub added: usize,
    pub removed: usize,
}

/// One check, before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// The hub's host.
    pub host: String,
    /// The check's id.
    pub check: CheckId,
    /// How it changed.
    pub change: Change,
    /// `None` if it was not tested.
    pub before: Option<State>,
    /// `None` if it was not tested.
    pub after: Option<State>,
}

/// How a check changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// Allowed before, not after.
    Broken,
    /// Not allowed before, allowed after.
    Fixed,
    /// Allowed or not as before, but with other causes, another location or another verdict.
    ChangedCause,
    /// No change.
    Unchanged,
    /// Not tested before.
    Added,
    /// Not tested after, so its state is unknown.
    Removed,
}

/// What a report says of a check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The verdict.
    pub verdict: Verdict,
    /// Its reason in a few words.
    pub summary: String,
    /// The codes of its causes, without those that only inform.
    pub causes: Vec<Code>,
    /// The location of the most severe one, if known.
    pub location: Option<Location>,
    /// How far the attempts went: it defines `allowed`.
    pub depth: Depth,
}

impl Diff {
    /// The checks of each hub, in order.
    pub(super) fn hubs(&self) -> Vec<(&str, Vec<&Compared>)> {
        let mut hubs: Vec<(&str, Vec<&Compared>)> = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        for check in &self.checks {
            let place = *places.entry(&check.host).or_insert(hubs.len());
            match hubs.get_mut(place) {
                Some((_, checks)) => checks.push(check),
                None => hubs.push((&check.host, vec![check])),
            }
        }
        hubs
    }

    /// The answer, and the number of checks by kind of change.
    pub(in crate::report) fn answer(&self) -> (&'static str, String) {
        let answer = match self.regressed {
            true => "Something that was allowed is not any more",
            false => "Nothing that was allowed is lost",
        };
        let of = match self.hubs().len() {
            0 | 1 => String::new(),
            hubs => format!(" (checks of {hubs} hubs)"),
        };
        (answer, format!("{}{of}.", self.counts.sentence()))
    }
}

/// Hubs, each with a number of checks.
type Counted<'a> = Vec<(&'a str, usize)>;

/// What an audit's difference says in one line instead of check by check.
pub(in crate::report) struct Rest<'a> {
    /// Hubs with checks that are not allowed, as before and for the same causes.
    still: Counted<'a>,
    /// Hubs that only the first side has.
    gone: Counted<'a>,
}

/// The hubs with changes, and the rest. For a single hub, each check that is not allowed gets a line.
pub(in crate::report) fn news(diff: &Diff) -> (Vec<(&str, Vec<&Compared>)>, Rest<'_>) {
    let hubs = diff.hubs();
    let is_audit = hubs.len() > 1;
    let (mut changed, mut rest) = (Vec::new(), Rest { still: Vec::new(), gone: Vec::new() });
    for (host, checks) in hubs {
        if is_audit && checks.iter().all(|check| check.change == Change::Removed) {
            rest.gone.push((host, checks.len()));
            continue;
        }
        let still = checks.iter().filter(|check| check.change == Change::Unchanged && !check.is_allowed()).count();
        if is_audit && still > 0 {
            rest.still.push((host, still));
        }
        let is_told = |check: &&Compared| check.change != Change::Unchanged || !is_audit && !check.is_allowed();
        let news: Vec<&Compared> = checks.into_iter().filter(is_told).collect();
        if !news.is_empty() {
            changed.push((host, news));
        }
    }
    // Broken checks come first.
    changed.sort_by_key(|(_, checks)| !checks.iter().any(|check| check.change == Change::Broken));
    (changed, rest)
}

impl Rest<'_> {
    /// Each group, with its size and its hubs, named by `written`.
    pub(in crate::report) fn lines(&self, written: fn(&str) -> String) -> Vec<String> {
        let lines = [("Not tested again", &self.gone), ("Still not allowed, for the same causes", &self.still)];
        let parts = lines.into_iter().filter(|(_, hubs)| !hubs.is_empty()).map(|(what, hubs)| {
            let names: Vec<String> = hubs.iter().map(|(host, _)| written(host)).collect();
            let checks = hubs.iter().map(|(_, checks)| checks).sum();
            format!("{what}: {} of {}.", text::count(checks, "check"), names.join(", "))
        });
        parts.collect()
    }
}

impl Compared {
    /// The state of the last test.
    pub(super) fn is_allowed(&self) -> bool {
        self.after.as_ref().is_some_and(|state| state.verdict == Verdict::Allowed)
    }

    /// Whether only the location changed, which is then what to report.
    pub(super) fn has_moved(&self) -> bool {
        let causes = |state: &Option<State>| state.as_ref().map(|state| state.causes.clone());
        self.change == Change::ChangedCause && causes(&self.before) == causes(&self.after)
    }
}

impl Change {
    /// The word for people: lower case if good, capitals if not.
    pub(in crate::report) fn word(self) -> &'static str {
        match self {
            Self::Broken => "BROKEN",
            Self::Fixed => "fixed",
            Self::ChangedCause => "changed",
            Self::Unchanged => "same",
            Self::Added => "new",
            Self::Removed => "not tested",
        }
    }
}

impl Counts {
    /// `1 broken, 2 fixed`. Zero counts are left out, unless nothing changed.
    fn sentence(&self) -> String {
        let all = [
            (self.broken, "BROKEN"),
            (self.fixed, "fixed"),
            (self.changed_cause, "with another cause"),
            (self.unchanged, "unchanged"),
            (self.added, "not tested before"),
            (self.removed, "not tested after"),
        ];
        let some: Vec<String> = all
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, word)| format!("{number} {word}"))
            .collect();
        some.join(", ")
    }
}
