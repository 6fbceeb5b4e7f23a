//! What stops nothing yet: warnings of ready targets, easy to overlook.

use std::fmt::Write as _;

use super::Audit;
use crate::{
    diagnosis::{Severity, across_hubs, scope::shortened_list},
    report::{
        finding_ref::{FindingRef, findings},
        screen::Page,
        sections,
        text::{count, owner, shown},
    },
};

/// Warnings listed; the reports hold all.
const MAX_WARNINGS: usize = 5;

/// Each warning once for all its targets.
pub(super) fn write(page: &mut Page, audit: &Audit) {
    let mut lots: Vec<Vec<FindingRef<'_>>> = Vec::new();
    for report in audit.reports.iter().filter(|report| report.is_ready()) {
        let is_warning = |severity| severity == Severity::Warning;
        for finding in
            report.diagnosis.findings.iter().filter(|one| is_warning(one.severity) && one.depends_on.is_none())
        {
            let sighting = FindingRef { report, finding };
            match lots.iter_mut().find(|lot| lot[0].finding.has_same_cause(finding)) {
                Some(lot) => lot.push(sighting),
                None => lots.push(vec![sighting]),
            }
        }
    }
    if !lots.is_empty() {
        let _ = writeln!(page, "\nReady, but");
    }
    for lot in lots.iter().take(MAX_WARNINGS) {
        let first = lot[0].finding;
        let hosts: Vec<String> = lot.iter().map(|one| shown(&one.report.observations.hub.host)).collect();
        let title = shown(&across_hubs::title(&findings(lot)));
        let line = format!("{}: {title} ({}, {}).", shortened_list(&hosts), first.code, sections::weight(first));
        page.wrapped("- ", "  ", &line);
        page.wrapped("  ", "  ", &format!("For {}: hubreach explain {}", owner(first.owner), first.code));
    }
    if lots.len() > MAX_WARNINGS {
        let more = count(lots.len() - MAX_WARNINGS, "more warning");
        page.wrapped("", "  ", &format!("And {more}: `--output FILE.html` lists them all."));
    }
}
