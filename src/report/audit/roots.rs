//! What is not allowed, and the findings that would have to be mended for it.

use crate::{
    diagnosis::{Finding, Severity, Verdict},
    report::{Check, Report, parts},
};

/// A check that is not allowed.
pub(super) struct Stopped<'a> {
    pub(super) report: &'a Report,
    pub(super) check: &'a Check,
    /// Whether the requirement of its target is not met for want of it.
    pub(super) is_lacking: bool,
    /// What stops it, each by itself: mended is only what has none of them left. Empty where no cause is known.
    pub(super) roots: Vec<&'a Finding>,
}

/// Every check that is not allowed, in the order of the reports.
pub(super) fn stopped(reports: &[Report]) -> Vec<Stopped<'_>> {
    reports.iter().flat_map(of_one).collect()
}

fn of_one(report: &Report) -> Vec<Stopped<'_>> {
    let allowed: Vec<_> = report
        .checks
        .iter()
        .map(|check| (check.seen.protocol, check.seen.route, check.verdict == Verdict::Allowed))
        .collect();
    let spec = &report.requirement.spec;
    let not_allowed = report.checks.iter().filter(|check| check.verdict != Verdict::Allowed);
    let stopped = not_allowed.map(|check| Stopped {
        report,
        check,
        is_lacking: spec.lacks(check.seen.protocol, check.seen.route, &allowed),
        roots: roots(report, check),
    });
    stopped.collect()
}

/// Each error at the check, or where there is none each warning, followed to what brings it about.
fn roots<'a>(report: &'a Report, check: &Check) -> Vec<&'a Finding> {
    let causes = parts::causes(report, check);
    let is_error = |finding: &&Finding| finding.severity == Severity::Error;
    let has_errors = causes.iter().any(is_error);
    let mut roots: Vec<&Finding> = Vec::new();
    for cause in causes.into_iter().filter(|cause| !has_errors || is_error(cause)) {
        let root = root(report, cause);
        if !roots.iter().any(|known| known.id == root.id) {
            roots.push(root);
        }
    }
    roots
}

/// What brings `finding` about in the end. A file may tie findings into a ring: then it is as far as that many steps lead.
fn root<'a>(report: &'a Report, finding: &'a Finding) -> &'a Finding {
    let cause = |finding: &Finding| {
        let id = finding.depends_on.as_ref()?;
        report.findings.iter().find(|other| other.id == *id)
    };
    let chain = std::iter::successors(Some(finding), |finding| cause(finding));
    chain.take(report.findings.len()).last().unwrap_or(finding)
}
