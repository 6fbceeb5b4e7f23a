//! The table of targets by protocols: what stands in a cell, and whether what is required is there.

use crate::{
    diagnosis::Verdict,
    hub::{Protocol, Requirement},
    report::Report,
};

/// What became of a protocol of one target, over all its ports and routes.
pub(super) enum CellMark {
    /// Not tested.
    None,
    /// All the same.
    All(Verdict),
    /// So many are allowed of so many.
    Some(usize, usize),
}

pub(super) fn mark(report: &Report, protocol: Protocol) -> CellMark {
    let checks = report.checks().filter(|check| check.seen.protocol == protocol);
    let verdicts: Vec<Verdict> = checks.map(|check| check.verdict).collect();
    match verdicts.as_slice() {
        [] => CellMark::None,
        [first, rest @ ..] if rest.iter().all(|verdict| verdict == first) => CellMark::All(*first),
        all => CellMark::Some(all.iter().filter(|verdict| **verdict == Verdict::Allowed).count(), all.len()),
    }
}

/// How a target stands against what it requires: of all columns, the one that the exit status follows.
#[derive(Clone, Copy)]
pub(in crate::report) enum Required {
    Met,
    NotMet,
    /// Good to have.
    Nothing,
}

impl Required {
    pub(in crate::report) fn of(report: &Report) -> Self {
        match (&report.observations.requirement, report.diagnosis.requirement_met) {
            (Requirement::None, _) => Self::Nothing,
            (_, true) => Self::Met,
            (_, false) => Self::NotMet,
        }
    }

    /// The word for people: what is good in small letters.
    pub(in crate::report) fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "NOT met",
            Self::Nothing => "nothing",
        }
    }
}
