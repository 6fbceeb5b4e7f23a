//! Findings of different hubs, reported together.

use std::collections::BTreeSet;

use super::{Report, text};
use crate::diagnosis::{Finding, across_hubs};

/// A finding, and its report.
#[derive(Clone, Copy)]
pub(super) struct FindingRef<'a> {
    pub(super) report: &'a Report,
    pub(super) finding: &'a Finding,
}

/// The findings alone.
pub(super) fn findings<'a>(of: &[FindingRef<'a>]) -> Vec<&'a Finding> {
    of.iter().map(|one| one.finding).collect()
}

/// The location of the device of all of them: in full if all agree, else only what they agree on.
pub(super) fn locate(of: &[FindingRef<'_>]) -> Option<String> {
    let locations = of.iter().filter_map(|one| one.finding.location.as_ref());
    let places: BTreeSet<String> = locations.map(text::located).collect();
    match (places.len(), places.first()) {
        (1, Some(place)) => Some(place.clone()),
        _ => across_hubs::device_or_behind(&findings(of)),
    }
}
