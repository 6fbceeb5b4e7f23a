//! A cell of the table: one check, which opens to cause, location and evidence.

use super::{
    Report,
    endpoint::{self, Tested},
    index::Index,
    sections,
    text::{self, located, shown},
};
use crate::{
    diagnosis::Finding,
    hub::Protocol,
    observation::{Attempt, Outcome, Stage},
};

pub(super) struct Cell {
    pub(super) class: &'static str,
    pub(super) word: &'static str,
    pub(super) port: u16,
    /// Whether this check is required by name.
    pub(super) is_required: bool,
    /// Set if not every check goes directly.
    pub(super) route: Option<&'static str>,
    pub(super) duration: String,
    pub(super) summary: String,
    pub(super) causes: Vec<Why>,
    pub(super) attempts: Vec<AttemptCell>,
}

/// A cause as the cell shows it; the rest is below the table.
pub(super) struct Why {
    pub(super) anchor: String,
    pub(super) title: String,
    pub(super) weight: String,
    pub(super) place: Option<String>,
    pub(super) evidence: Vec<String>,
}

/// One address, stage by stage.
pub(super) struct AttemptCell {
    pub(super) address: String,
    pub(super) stages: String,
}

/// The checks of one hub in one protocol: several if it is offered on several ports or routes.
pub(super) fn cells(hub: usize, report: &Report, index: &Index<'_>, protocol: Protocol) -> Vec<Cell> {
    let checks = report.checks().filter(|check| check.observations.protocol == protocol);
    let has_route = Tested::of(report) != Tested::Direct;
    let cell = checks.map(|check| Cell {
        class: check.verdict.id(),
        word: text::verdict(check.verdict),
        port: check.observations.port,
        is_required: report.requires(check),
        route: has_route.then(|| endpoint::word(check.observations.route)),
        duration: sections::millis(check).map_or_else(String::new, text::duration),
        summary: shown(check.summary),
        causes: index
            .causes(check)
            .iter()
            .map(|finding| Why {
                anchor: anchor(hub, finding),
                title: finding.words().title.clone(),
                weight: sections::weight(finding),
                place: finding.location.as_ref().map(located),
                evidence: finding.words().evidence.clone(),
            })
            .collect(),
        attempts: check.observations.attempts.iter().map(attempt_cell).collect(),
    });
    cell.collect()
}

fn attempt_cell(attempt: &Attempt) -> AttemptCell {
    let stages = sections::stages(attempt).into_iter().filter(|stage| stage.outcome != Outcome::NotReached);
    let stages: Vec<String> = stages
        .map(|stage_result| {
            let took = stage_result.millis.map(text::duration).unwrap_or_default();
            match stage_result.outcome {
                Outcome::Failed => format!("{} failed after {took}", name(stage_result.stage)),
                Outcome::Cancelled => format!("{} cut short after {took}", name(stage_result.stage)),
                Outcome::Ok | Outcome::NotReached => format!("{} {took}", name(stage_result.stage)),
            }
        })
        .collect();
    AttemptCell { address: attempt.address.to_string(), stages: stages.join(", ") }
}

/// The name for people.
fn name(stage: Stage) -> &'static str {
    match stage {
        Stage::Resolve => "name",
        Stage::Connect => "TCP",
        Stage::Proxy => "proxy",
        Stage::Tls => "TLS",
        Stage::Upgrade => "WebSocket upgrade",
        Stage::Exchange => "hub's answer",
    }
}

/// The anchor of a cause on the page.
pub(super) fn anchor(hub: usize, finding: &Finding) -> String {
    // An id from a file is untrusted text: only letters and digits stay.
    let id: String = finding.id.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("h{hub}-{id}")
}
