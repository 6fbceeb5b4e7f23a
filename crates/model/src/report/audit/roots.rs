//! The checks that are not allowed, and the findings to fix for them.

use std::collections::HashSet;

use crate::{
    diagnosis::{Finding, Severity, Verdict},
    report::{Check, Report, index::Index},
};

/// Length of a chain of findings, each the cause of the one before: more than any run has.
const MAX_CHAIN: usize = 16;

/// A check that is not allowed.
pub(super) struct Stopped<'a> {
    pub(super) report: &'a Report,
    pub(super) check: Check<'a>,
    /// Whether its target lacks its requirement because of it.
    pub(super) is_lacking: bool,
    /// Its independent causes: the check is fixed only when none is left. Empty if no cause is known.
    pub(super) roots: Vec<&'a Finding>,
}

/// Every check that is not allowed, in report order.
pub(super) fn stopped(reports: &[Report]) -> Vec<Stopped<'_>> {
    reports.iter().flat_map(of_one).collect()
}

fn of_one(report: &Report) -> Vec<Stopped<'_>> {
    let (standing, index) = (report.standing(), Index::of(report));
    let spec = &report.observations.requirement;
    let not_allowed = report.checks().filter(|check| check.verdict != Verdict::Allowed);
    let stopped = not_allowed.map(|check| Stopped {
        report,
        check,
        is_lacking: index.is_offered(check)
            && spec.lacks(check.observations.protocol, check.observations.route, &standing),
        roots: roots(&index, check),
    });
    stopped.collect()
}

/// Each error at the check, or if there is none each warning, followed to its root cause.
fn roots<'a>(index: &Index<'a>, check: Check<'_>) -> Vec<&'a Finding> {
    let causes: Vec<&'a Finding> = index.causes(check).iter().map(|cause| cause.finding()).collect();
    let is_error = |finding: &&&'a Finding| finding.severity == Severity::Error;
    let has_errors = causes.iter().any(|cause| is_error(&cause));
    let (mut roots, mut known) = (Vec::new(), HashSet::new());
    for cause in causes.iter().filter(|cause| !has_errors || is_error(cause)) {
        let root = root(index, cause);
        if known.insert(&root.id) {
            roots.push(root);
        }
    }
    roots
}

/// The root cause of `finding`. Findings in a file may form a cycle: the search then stops after that many steps.
fn root<'a>(index: &Index<'a>, finding: &'a Finding) -> &'a Finding {
    let chain = std::iter::successors(Some(finding), |finding| index.root(finding));
    chain.take(MAX_CHAIN).last().unwrap_or(finding)
}
