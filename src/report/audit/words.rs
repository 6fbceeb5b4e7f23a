//! What an action is good for, in words: no more than is known.

use std::collections::BTreeSet;

use super::Action;
use crate::{
    diagnosis::Confidence,
    report::text::{count, owner, shown},
};

/// The owner, and the place where it is known.
pub(in crate::report) fn for_whom(action: &Action) -> String {
    let at = action.place.as_deref().map(|place| format!(", at {}", shown(place))).unwrap_or_default();
    format!("{}{at}", owner(action.owner))
}

/// What stands still for want of it.
pub(in crate::report) fn effect(action: &Action) -> String {
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
    let hosts: BTreeSet<&str> = action.targets.iter().map(|target| target.host.as_str()).collect();
    let alone = (action.checks > 0).then(|| format!(" {}{required}", count(action.checks, "check")));
    let partly = (action.partly > 0).then(|| match action.checks {
        0 => format!(", together with something else, {}", count(action.partly, "check")),
        _ => format!(" and, together with something else, {} more", action.partly),
    });
    let (alone, partly) = (alone.unwrap_or_default(), partly.unwrap_or_default());
    format!("{sure}{alone}{partly}, of {}", count(hosts.len(), "hub"))
}
