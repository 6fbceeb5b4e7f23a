//! The table of targets by protocols: the content of a cell, and whether the target has what it requires.

use crate::{
    diagnosis::Verdict,
    hub::{Protocol, Requirement, Route},
    report::{
        Report,
        endpoint::{self, Endpoint, Tested},
    },
};

/// The outcome of a protocol of one target, over all its ports: at each, one route is enough.
pub(super) enum CellMark {
    /// Not tested.
    None,
    /// All ports have the same verdict.
    All(Verdict),
    /// All get through by the proxy, and none directly.
    ByProxy,
    /// Some of them are allowed.
    Some(usize, usize),
}

pub(super) fn mark(report: &Report, protocol: Protocol) -> CellMark {
    let mut endpoints = endpoint::all(report);
    endpoints.retain(|endpoint| endpoint.protocol() == protocol);
    let verdicts: Vec<Verdict> = endpoints.iter().map(Endpoint::verdict).collect();
    let has_both = Tested::of(report) == Tested::Both;
    let is_by_proxy = |endpoint: &Endpoint<'_>| endpoint.passes_on(Route::Proxy) && !endpoint.passes_on(Route::Direct);
    match verdicts.as_slice() {
        [] => CellMark::None,
        _ if has_both && endpoints.iter().all(is_by_proxy) => CellMark::ByProxy,
        [first, rest @ ..] if rest.iter().all(|verdict| verdict == first) => CellMark::All(*first),
        all => CellMark::Some(all.iter().filter(|verdict| **verdict == Verdict::Allowed).count(), all.len()),
    }
}

/// Whether a target has what it requires. The exit status follows this column.
#[derive(Clone, Copy)]
pub(in crate::report) enum Required {
    Met,
    NotMet,
    /// Nothing is required.
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

    /// The word for people: lower case if it is good.
    pub(in crate::report) fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "NOT met",
            Self::Nothing => "nothing",
        }
    }
}
