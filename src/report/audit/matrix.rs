//! The table of targets by protocols: what stands in a cell.

use crate::{
    diagnosis::Verdict,
    report::{Check, Report},
    target::{Protocol, Requirement},
};

/// What became of a protocol of one target, over all its ports and routes.
pub(super) enum Mark {
    /// Not tested.
    None,
    /// All the same.
    All(Verdict),
    /// So many are allowed of so many.
    Some(usize, usize),
}

pub(super) fn mark(report: &Report, protocol: Protocol) -> Mark {
    let checks = report.checks.iter().filter(|check| check.seen.protocol == protocol);
    let verdicts: Vec<Verdict> = checks.map(|check| check.verdict).collect();
    match verdicts.as_slice() {
        [] => Mark::None,
        [first, rest @ ..] if rest.iter().all(|verdict| verdict == first) => Mark::All(*first),
        all => Mark::Some(all.iter().filter(|verdict| **verdict == Verdict::Allowed).count(), all.len()),
    }
}

/// Whether this very check is required: not where any one would do.
pub(super) fn is_required(report: &Report, check: &Check) -> bool {
    let spec = &report.requirement.spec;
    *spec != Requirement::Any && spec.lacks(check.seen.protocol, check.seen.route, &[])
}
