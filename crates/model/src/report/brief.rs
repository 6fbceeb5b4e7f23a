//! One line per cause: code, ports, location, owner. To read out on the telephone, or to paste into a chat.

use std::collections::BTreeSet;

use super::{
    Report,
    answer::Answer,
    index::Index,
    sections,
    text::{listed, located, owner},
};
use crate::diagnosis::Finding;

pub(super) fn render(reports: &[Report]) -> String {
    reports.iter().flat_map(lines).map(|line| line + "\n").collect()
}

fn lines(report: &Report) -> Vec<String> {
    let index = Index::of(report);
    let answer = Answer::in_parts(report, &index);
    let first = [Some(answer.counted), answer.used].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let causes = sections::causes_and_notes(report).0.into_iter().filter(|cause| index.root(cause).is_none());
    std::iter::once(first).chain(causes.map(|cause| line(report, cause))).collect()
}

/// `silent-drop (confirmed): TCP 8883 and 5671, hop 2 (10.20.0.1), the firewall's owner`
fn line(report: &Report, cause: &Finding) -> String {
    let affected: BTreeSet<_> = cause.affects.iter().collect();
    let ports: BTreeSet<u16> = report
        .checks()
        .filter(|check| affected.contains(&check.observations.id))
        .map(|check| check.observations.port)
        .collect();
    let ports = (!ports.is_empty()).then(|| format!("TCP {}", listed(&ports.into_iter().collect::<Vec<_>>())));
    let parts_of_it = [ports, cause.location.as_ref().map(located), Some(owner(cause.owner).to_owned())];
    let parts: Vec<String> = parts_of_it.into_iter().flatten().collect();
    format!("{} ({}): {}", cause.code, sections::weight(cause), parts.join(", "))
}
