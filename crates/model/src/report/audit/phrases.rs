//! What an action achieves, in words that claim no more than is known.

use std::collections::BTreeSet;

use super::Action;
use crate::{
    diagnosis::{Code, Confidence},
    report::text::{count, owner, shown},
};

/// The owner, and the location if known.
pub(in crate::report) fn for_whom(action: &Action) -> String {
    let at = action.location.as_deref().map(|place| format!(", at {}", shown(place))).unwrap_or_default();
    format!("{}{at}", owner(action.owner))
}

/// What waits for it.
pub(in crate::report) fn effect(action: &Action) -> String {
    if action.codes == [Code::ProxyRequired] {
        let get = if action.checks == 1 { "gets" } else { "get" };
        return format!("this is how {} {get} through", count(action.checks, "protocol"));
    }
    let sure = match action.confidence {
        Confidence::Confirmed => "this stops",
        Confidence::Likely => "this is likely to be what stops",
        Confidence::Possible => "this may be what stops",
    };
    let required = match (action.required, action.checks) {
        (0, _) => String::new(),
        (1, 1) => " (required)".to_owned(),
        (some, all) if some == all => " (all required)".to_owned(),
        (some, _) => format!(" ({some} required)"),
    };
    let alone = (action.checks > 0).then(|| format!(" {}{required}", count(action.checks, "check")));
    let partly = (action.partly > 0).then(|| match action.checks {
        0 => format!(", together with something else, {}", count(action.partly, "check")),
        _ => format!(" and, together with something else, {} more", action.partly),
    });
    let (alone, partly) = (alone.unwrap_or_default(), partly.unwrap_or_default());
    format!("{sure}{alone}{partly}")
}

/// `, of 3 hubs: ` and at most `most` hubs by their plan's names, without those that the action names anyway.
pub(in crate::report) fn of_whom(action: &Action, most: usize) -> String {
    let mut names = names(action);
    let hubs = names.len();
    let is_named = names.iter().all(|name| action.what.contains(name.as_str()));
    let more = hubs.saturating_sub(most);
    names.truncate(most);
    names.extend((more > 0).then(|| format!("{more} more")));
    match (hubs, is_named) {
        (1, true) => String::new(),
        (1, false) => format!(", of {}", names.join("")),
        (_, true) => format!(", of {}", count(hubs, "hub")),
        (_, false) => format!(", of {}: {}", count(hubs, "hub"), names.join("; ")),
    }
}

/// One entry per host.
fn names(action: &Action) -> Vec<String> {
    let mut known: BTreeSet<&str> = BTreeSet::new();
    let hubs = action.targets.iter().filter(|target| known.insert(&target.host));
    hubs.map(|target| shown(target.name.as_deref().unwrap_or(&target.host))).collect()
}
