//! What changed between two reports, or two audits: before and after the firewall ticket.

mod compare;
mod human;
mod markdown;

use serde::{Deserialize, Serialize};

pub use compare::{NothingInCommon, compare};

use crate::{
    diagnosis::{Code, Location, Verdict},
    target::{CheckId, Depth},
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
    /// How many checks changed in which way.
    pub counts: Counts,
    /// Every check of either side, hub by hub, in the order of the second.
    pub checks: Vec<Compared>,
    /// What makes the two sides hard to compare, a sentence each.
    pub notes: Vec<String>,
}

/// How many checks changed in which way.
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
    /// What became of it.
    pub change: Change,
    /// `None` where it was not tested.
    pub before: Option<State>,
    /// `None` where it was not tested.
    pub after: Option<State>,
}

/// What became of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// Allowed before, not after.
    Broken,
    /// Not allowed before, allowed after.
    Fixed,
    /// As much allowed as before, but for other causes, at another place, or with another verdict.
    ChangedCause,
    /// The same.
    Unchanged,
    /// Not tested before.
    Added,
    /// Not tested after: nothing is known of it any more.
    Removed,
}

/// What a report says of a check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The verdict.
    pub verdict: Verdict,
    /// Its reason in a few words.
    pub summary: String,
    /// The codes of what stops or troubles it, without what is merely good to know.
    pub causes: Vec<Code>,
    /// Where the gravest of them is, if known.
    pub location: Option<Location>,
    /// How far the ladder was climbed: what `allowed` means.
    pub depth: Depth,
}

impl Diff {
    /// For a person at a terminal, in 80 columns; with ANSI escapes for colour.
    pub fn human(&self) -> String {
        human::render(self)
    }

    /// One JSON object.
    pub fn json(&self) -> String {
        super::json::pretty(self)
    }

    /// Markdown, for the ticket.
    pub fn markdown(&self) -> String {
        markdown::render(self)
    }

    /// The hosts, each once, in order.
    fn hosts(&self) -> Vec<&str> {
        let mut hosts: Vec<&str> = Vec::new();
        for check in &self.checks {
            if !hosts.contains(&check.host.as_str()) {
                hosts.push(&check.host);
            }
        }
        hosts
    }
}

impl Compared {
    /// What is worth a line of its own: all but what is and was allowed.
    fn is_news(&self) -> bool {
        let is_allowed = self.after.as_ref().is_some_and(|state| state.verdict == Verdict::Allowed);
        self.change != Change::Unchanged || !is_allowed
    }

    /// Whether the same is stopped at another place, which is then what there is to tell.
    fn has_moved(&self) -> bool {
        let causes = |state: &Option<State>| state.as_ref().map(|state| state.causes.clone());
        self.change == Change::ChangedCause && causes(&self.before) == causes(&self.after)
    }
}

impl Change {
    /// The word for people: what is good in small letters, what is not in large ones.
    fn word(self) -> &'static str {
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
    /// `1 broken, 2 fixed`; what there is none of is left out, but not that nothing changed.
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
