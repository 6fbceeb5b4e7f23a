//! What a hub offers, one protocol at one port each, with its check on every route. Counts are of these: a protocol that is
//! tested on two routes is one protocol.

use std::collections::HashMap;

use super::{Check, Report, index::Index, sections};
use crate::{
    diagnosis::Verdict,
    hub::{Protocol, Route},
};

/// One protocol at one port, with at most one check on each route.
pub(super) struct Endpoint<'a> {
    direct: Option<Check<'a>>,
    proxied: Option<Check<'a>>,
    protocol: Protocol,
    port: u16,
}

/// Which routes a report has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tested {
    /// The direct one alone, or none at all.
    Direct,
    /// The proxy's alone.
    Proxy,
    Both,
}

impl Tested {
    pub(super) fn of(report: &Report) -> Self {
        let has = |route: Route| report.observations.checks.iter().any(|check| check.route == route);
        match (has(Route::Direct), has(Route::Proxy)) {
            (true, true) => Self::Both,
            (false, true) => Self::Proxy,
            (_, false) => Self::Direct,
        }
    }
}

/// How a check goes, as the end of a sentence.
pub(super) fn by(route: Route) -> &'static str {
    match route {
        Route::Direct => "directly",
        Route::Proxy => "by the proxy",
    }
}

/// The same as a word of a table.
pub(super) fn word(route: Route) -> &'static str {
    match route {
        Route::Direct => "direct",
        Route::Proxy => "by proxy",
    }
}

/// Everything that was tested, in order. With one route each check is on its own.
pub(super) fn all(report: &Report) -> Vec<Endpoint<'_>> {
    let has_both = Tested::of(report) == Tested::Both;
    let mut endpoints: Vec<Endpoint<'_>> = Vec::new();
    let mut places: HashMap<(Protocol, u16), usize> = HashMap::new();
    for check in report.checks() {
        let (protocol, port, route) = (check.observations.protocol, check.observations.port, check.observations.route);
        let known = places.get(&(protocol, port)).and_then(|at| endpoints.get_mut(*at)).filter(|_| has_both);
        match known.map(|endpoint| endpoint.place(route)) {
            Some(free @ None) => *free = Some(check),
            _ => {
                places.insert((protocol, port), endpoints.len());
                let mut endpoint = Endpoint { direct: None, proxied: None, protocol, port };
                *endpoint.place(route) = Some(check);
                endpoints.push(endpoint);
            }
        }
    }
    endpoints
}

/// Those that get through on a route come first, unknown ones last.
pub(super) fn sorted(report: &Report) -> Vec<Endpoint<'_>> {
    let mut endpoints = all(report);
    endpoints.sort_by_key(|endpoint| (sections::rank(endpoint.verdict()), endpoint.protocol, endpoint.port));
    endpoints
}

impl<'a> Endpoint<'a> {
    fn place(&mut self, route: Route) -> &mut Option<Check<'a>> {
        match route {
            Route::Direct => &mut self.direct,
            Route::Proxy => &mut self.proxied,
        }
    }

    pub(super) fn protocol(&self) -> Protocol {
        self.protocol
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Its check on a route.
    pub(super) fn on(&self, route: Route) -> Option<Check<'a>> {
        match route {
            Route::Direct => self.direct,
            Route::Proxy => self.proxied,
        }
    }

    fn checks(&self) -> impl Iterator<Item = Check<'a>> {
        [self.direct, self.proxied].into_iter().flatten()
    }

    /// The best of its verdicts: one route is enough.
    pub(super) fn verdict(&self) -> Verdict {
        let verdicts = self.checks().map(|check| check.verdict);
        verdicts.min_by_key(|verdict| sections::rank(*verdict)).unwrap_or(Verdict::Unknown)
    }

    pub(super) fn passes(&self) -> bool {
        self.verdict() == Verdict::Allowed
    }

    pub(super) fn is_unknown_on(&self, route: Route) -> bool {
        self.on(route).is_some_and(|check| check.verdict == Verdict::Unknown)
    }

    pub(super) fn passes_on(&self, route: Route) -> bool {
        self.on(route).is_some_and(|check| check.verdict == Verdict::Allowed)
    }

    /// Whether the hub should offer it, as far as is known.
    pub(super) fn is_offered(&self, index: &Index<'_>) -> bool {
        self.passes() || self.checks().all(|check| index.is_offered(check))
    }
}
