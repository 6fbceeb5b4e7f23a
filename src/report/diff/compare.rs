//! The comparison itself: pure.

use std::collections::BTreeSet;

use super::{Change, Compared, Counts, Diff, SCHEMA, State};
use crate::{
    diagnosis::{Location, Verdict},
    report::{Check, Report, parts, text},
};

/// The two sides are about different hubs or checks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the two have no check in common: one is about {before}, the other about {after}; give two reports of one hub, or two audits of one plan"
)]
pub struct NothingInCommon {
    before: String,
    after: String,
}

/// Compares check by check, as each side judged them. A side is one report, or those of an audit.
pub fn compare(before: &[Report], after: &[Report]) -> Result<Diff, NothingInCommon> {
    let mut left: Vec<Sighted> = sighted(before);
    let mut checks: Vec<Compared> = Vec::new();
    for now in sighted(after) {
        // A hub may be tested twice, on other ports: rather the same port than the first.
        let alike = left.iter().position(|then| then.is_of(&now) && then.check.seen.port == now.check.seen.port);
        let then = alike.or_else(|| left.iter().position(|then| then.is_of(&now))).map(|at| left.remove(at));
        checks.push(compared(then, Some(now)));
    }
    if !checks.iter().any(|check| check.before.is_some()) {
        return Err(NothingInCommon { before: about(before), after: about(after) });
    }
    for then in left {
        insert(&mut checks, compared(Some(then), None));
    }
    let counts = counts(&checks);
    Ok(Diff { schema: SCHEMA.to_owned(), regressed: counts.broken > 0, counts, checks, notes: notes(before, after) })
}

/// A check and the report that it stands in.
struct Sighted<'a> {
    report: &'a Report,
    check: &'a Check,
}

fn sighted(reports: &[Report]) -> Vec<Sighted<'_>> {
    reports.iter().flat_map(|report| report.checks.iter().map(move |check| Sighted { report, check })).collect()
}

impl Sighted<'_> {
    fn is_of(&self, other: &Self) -> bool {
        self.report.hub.host.eq_ignore_ascii_case(&other.report.hub.host) && self.check.seen.id == other.check.seen.id
    }

    fn state(&self) -> State {
        let causes = parts::causes(self.report, self.check);
        let mut codes: Vec<_> = causes.iter().map(|cause| cause.code).collect();
        codes.sort_unstable();
        codes.dedup();
        State {
            verdict: self.check.verdict,
            summary: self.check.summary.clone(),
            causes: codes,
            location: causes.first().and_then(|cause| cause.location.clone()),
            depth: self.report.depth,
        }
    }
}

/// At least one side is there.
fn compared(before: Option<Sighted<'_>>, after: Option<Sighted<'_>>) -> Compared {
    let named = after.as_ref().or(before.as_ref());
    let (host, check) = named
        .map(|sighted| (sighted.report.hub.host.clone(), sighted.check.seen.id.clone()))
        .unwrap_or_else(|| (String::new(), "".into()));
    let (before, after) = (before.map(|then| then.state()), after.map(|now| now.state()));
    Compared { host, check, change: change(before.as_ref(), after.as_ref()), before, after }
}

fn change(before: Option<&State>, after: Option<&State>) -> Change {
    let (Some(before), Some(after)) = (before, after) else {
        return if after.is_some() { Change::Added } else { Change::Removed };
    };
    match (before.verdict == Verdict::Allowed, after.verdict == Verdict::Allowed) {
        (true, false) => Change::Broken,
        (false, true) => Change::Fixed,
        _ if is_alike(before, after) => Change::Unchanged,
        _ => Change::ChangedCause,
    }
}

fn is_alike(before: &State, after: &State) -> bool {
    before.verdict == after.verdict
        && before.causes == after.causes
        && is_one_place(before.location.as_ref(), after.location.as_ref())
}

/// Two places differ only where both are known: that a place was not found this time changes nothing. Nor does a hop's
/// number, where its address is the same: paths grow and shrink in front of it.
fn is_one_place(before: Option<&Location>, after: Option<&Location>) -> bool {
    let (Some(before), Some(after)) = (before, after) else { return true };
    match (before.address, after.address) {
        (Some(before), Some(after)) => before == after,
        _ => before.hop == after.hop,
    }
}

/// Behind the other checks of its hub.
fn insert(checks: &mut Vec<Compared>, check: Compared) {
    let behind = checks.iter().rposition(|other| other.host.eq_ignore_ascii_case(&check.host));
    checks.insert(behind.map_or(checks.len(), |at| at + 1), check);
}

fn counts(checks: &[Compared]) -> Counts {
    let mut counts = Counts::default();
    for check in checks {
        *match check.change {
            Change::Broken => &mut counts.broken,
            Change::Fixed => &mut counts.fixed,
            Change::ChangedCause => &mut counts.changed_cause,
            Change::Unchanged => &mut counts.unchanged,
            Change::Added => &mut counts.added,
            Change::Removed => &mut counts.removed,
        } += 1;
    }
    counts
}

fn about(reports: &[Report]) -> String {
    match reports {
        [] => "no hub".to_owned(),
        [one] => text::shown(&one.hub.host),
        [first, rest @ ..] => format!("{} and {} more", text::shown(&first.hub.host), rest.len()),
    }
}

fn notes(before: &[Report], after: &[Report]) -> Vec<String> {
    let differ = |what: &str, of: fn(&Report) -> String, hint: &str| {
        let sets = [before, after].map(|side| side.iter().map(of).collect::<BTreeSet<String>>());
        let [before, after] = sets.clone().map(|set| set.into_iter().collect::<Vec<_>>().join(", "));
        (sets[0] != sets[1]).then(|| format!("{what}: {before} before, {after} after{hint}."))
    };
    let partial = |side: &[Report], which: &str| {
        let cut = side.iter().any(|report| report.partial || report.deadline_reached);
        cut.then(|| format!("The run {which} was cut short: not all was seen."))
    };
    let host = |report: &Report| report.vantage.host.as_deref().map_or_else(|| "unknown".to_owned(), text::shown);
    let tool = |report: &Report| format!("{} {}", text::shown(&report.tool.name), text::shown(&report.tool.version));
    let depth = |report: &Report| text::depth(report.depth).to_owned();
    [
        differ("Checked from different machines", host, ""),
        differ("Climbed to different depths", depth, ": allowed does not mean the same"),
        differ("Judged by different versions", tool, ": hubreach diagnose FILE judges a saved report again"),
        partial(before, "before"),
        partial(after, "after"),
    ]
    .into_iter()
    .flatten()
    .collect()
}
