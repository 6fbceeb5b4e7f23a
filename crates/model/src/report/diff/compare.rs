//! The comparison itself: pure.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    rc::Rc,
};

use super::{Change, Compared, Counts, Diff, SCHEMA, State};
use crate::{
    diagnosis::{Finding, Location, Verdict},
    hub::CheckId,
    report::{Check, Report, index::Index, text},
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

/// Compares check by check, with each side's own verdicts. A side is one report, or those of an audit.
pub fn compare(before: &[Report], after: &[Report]) -> Result<Diff, NothingInCommon> {
    let mut left = Left::new(sighted(before));
    let mut checks: Vec<Compared> = Vec::new();
    for now in sighted(after) {
        checks.push(compared(left.take_like(&now), Some(now)));
    }
    if !checks.iter().any(|check| check.before.is_some()) {
        return Err(NothingInCommon { before: about(before), after: about(after) });
    }
    let checks = with_removed(checks, left.rest().map(|then| compared(Some(then), None)));
    let counts = counts(&checks);
    Ok(Diff { schema: SCHEMA.to_owned(), regressed: counts.broken > 0, counts, checks, notes: notes(before, after) })
}

/// A check, the host of its hub, and what its report says of it.
struct Sighted<'a> {
    report: &'a Report,
    check: Check<'a>,
    causes: Vec<&'a Finding>,
    /// In lower case: hostnames are case-insensitive (RFC 4343).
    host: Rc<str>,
}

fn sighted(reports: &[Report]) -> Vec<Sighted<'_>> {
    let mut all = Vec::new();
    for report in reports {
        let host: Rc<str> = report.observations.hub.host.to_ascii_lowercase().into();
        let index = Index::of(report);
        all.extend(report.checks().map(|check| {
            let causes = index.causes(check).iter().map(|cause| cause.finding()).collect();
            Sighted { report, check, causes, host: Rc::clone(&host) }
        }));
    }
    all
}

impl Sighted<'_> {
    fn state(&self) -> State {
        let mut codes: Vec<_> = self.causes.iter().map(|cause| cause.code).collect();
        codes.sort_unstable();
        codes.dedup();
        State {
            verdict: self.check.verdict,
            summary: self.check.summary.to_owned(),
            causes: codes,
            location: self.causes.first().and_then(|cause| cause.location.clone()),
            depth: self.report.observations.depth,
        }
    }
}

/// The checks of the first side without a match on the second yet. Each lookup is constant-time: there may be tens of
/// thousands.
struct Left<'a> {
    all: Vec<Option<Sighted<'a>>>,
    /// Indices into `all`, in order.
    places: HashMap<Key<'a>, VecDeque<usize>>,
}

/// Host and id, and with the port too.
type Key<'a> = (Rc<str>, &'a CheckId, Option<u16>);

impl<'a> Left<'a> {
    fn new(all: Vec<Sighted<'a>>) -> Self {
        let mut places: HashMap<Key<'_>, VecDeque<usize>> = HashMap::new();
        for (at, Sighted { host, check, .. }) in all.iter().enumerate() {
            for port in [None, Some(check.observations.port)] {
                places.entry((Rc::clone(host), &check.observations.id, port)).or_default().push_back(at);
            }
        }
        Self { all: all.into_iter().map(Some).collect(), places }
    }

    /// A hub may be tested twice on different ports: prefers the same port.
    fn take_like(&mut self, now: &Sighted<'a>) -> Option<Sighted<'a>> {
        let ports = [Some(now.check.observations.port), None];
        ports.into_iter().find_map(|port| {
            let places = self.places.get_mut(&(Rc::clone(&now.host), &now.check.observations.id, port))?;
            // Skips, once, what the other key has taken.
            std::iter::from_fn(|| places.pop_front()).find_map(|at| self.all.get_mut(at)?.take())
        })
    }

    fn rest(self) -> impl Iterator<Item = Sighted<'a>> {
        self.all.into_iter().flatten()
    }
}

/// At least one side is present.
fn compared(before: Option<Sighted<'_>>, after: Option<Sighted<'_>>) -> Compared {
    let named = after.as_ref().or(before.as_ref());
    let (host, check) = named
        .map(|sighted| (sighted.report.observations.hub.host.clone(), sighted.check.observations.id.clone()))
        .unwrap_or_else(|| (String::new(), "".into()));
    let (before, after) = (before.map(|then| then.state()), after.map(|now| now.state()));
    Compared { host, check, change: change(before.as_ref(), after.as_ref()), before, after }
}

/// Inserts each of `removed` after the last of its hub's other checks.
fn with_removed(checks: Vec<Compared>, removed: impl Iterator<Item = Compared>) -> Vec<Compared> {
    let host = |check: &Compared| check.host.to_ascii_lowercase();
    let mut last: HashMap<String, usize> = checks.iter().enumerate().map(|(at, check)| (host(check), at)).collect();
    let mut groups: Vec<Vec<Compared>> = checks.into_iter().map(|check| vec![check]).collect();
    for check in removed {
        let at = *last.entry(host(&check)).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.push(check),
            None => groups.push(vec![check]),
        }
    }
    groups.into_iter().flatten().collect()
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

/// Two locations differ only if both are known: a location not found this time is no change. Nor is another hop number
/// with the same address: the path before it may grow or shrink.
fn is_one_place(before: Option<&Location>, after: Option<&Location>) -> bool {
    let (Some(before), Some(after)) = (before, after) else { return true };
    match (before.address, after.address) {
        (Some(before), Some(after)) => before == after,
        _ => before.hop == after.hop,
    }
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
        [one] => text::shown(&one.observations.hub.host),
        [first, rest @ ..] => format!("{} and {} more", text::shown(&first.observations.hub.host), rest.len()),
    }
}

fn notes(before: &[Report], after: &[Report]) -> Vec<String> {
    let differ = |what: &str, of: fn(&Report) -> String, hint: &str| {
        let sets = [before, after].map(|side| side.iter().map(of).collect::<BTreeSet<String>>());
        let [before, after] = sets.clone().map(|set| set.into_iter().collect::<Vec<_>>().join(", "));
        (sets[0] != sets[1]).then(|| format!("{what}: {before} before, {after} after{hint}."))
    };
    let partial = |side: &[Report], which: &str| {
        let cut = side.iter().any(|report| report.observations.partial || report.observations.deadline_reached);
        cut.then(|| format!("The run {which} was cut short: not all was seen."))
    };
    let proxy = |report: &Report| {
        let used = report.observations.proxy.as_ref();
        used.map_or_else(|| "none".to_owned(), |proxy| text::shown(&proxy.url()))
    };
    let host =
        |report: &Report| report.observations.vantage.host.as_deref().map_or_else(|| "unknown".to_owned(), text::shown);
    let tool = |report: &Report| format!("{} {}", text::shown(&report.tool.name), text::shown(&report.tool.version));
    let depth = |report: &Report| report.observations.depth.to_string();
    [
        differ("Checked from different machines", host, ""),
        differ("Tested through different proxies", proxy, ""),
        differ("Tested to different depths", depth, ": allowed does not mean the same"),
        differ("Judged by different versions", tool, ": hubreach diagnose FILE judges a saved report again"),
        partial(before, "before"),
        partial(after, "after"),
    ]
    .into_iter()
    .flatten()
    .collect()
}
