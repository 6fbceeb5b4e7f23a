//! Where on the path a filter reads the hub's name.

use super::{Way, is_short};
use crate::{
    diagnosis::{Location, NextHop},
    observation::{HelloPath, HopAnswer},
};

/// The place of a filter, where it was seen in every flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::diagnosis) struct Filter {
    pub(in crate::diagnosis) location: Location,
    /// Whether it stands so near the hub that it may be the hub's own.
    pub(in crate::diagnosis) near_the_hub: bool,
}

/// Where hellos with the name `own` part from those with another: the filter sees what may take one hop more than to the
/// last router that still answers, and not what may take fewer.
pub(in crate::diagnosis) fn filter(path: &HelloPath, own: &str) -> Option<Filter> {
    let hellos = Hellos { path, own };
    let way = Way(&path.trace);
    let furthest = path.probes.iter().map(|probe| probe.ttl).max()?;
    let (hop, seen_at) = match hellos.first_forged(furthest) {
        Some(ttl) => (ttl.checked_sub(1)?, ttl),
        None => hellos.silent_from(furthest)?,
    };
    let of = path.trace.probes.iter().filter(|probe| probe.answer == crate::observation::ProbeAnswer::SynAck);
    let of = of.map(|probe| probe.ttl).min();
    let address = if of == Some(seen_at) { Some(path.address) } else { way.router(seen_at) };
    let location = Location { hop, address: way.router(hop), next: Some(NextHop { hop: seen_at, address }), of };
    Some(Filter { near_the_hub: of.is_some_and(|of| !is_short(hop, of)), location })
}

struct Hellos<'a> {
    path: &'a HelloPath,
    own: &'a str,
}

impl Hellos<'_> {
    fn answers(&self, ttl: u8, own: bool) -> Vec<HopAnswer> {
        let of_name = |name: Option<&str>| (name == Some(self.own)) == own;
        let probes = self.path.probes.iter().filter(|probe| probe.ttl == ttl);
        probes.filter(|probe| of_name(probe.server_name.as_deref())).map(|probe| probe.answer).collect()
    }

    /// The fewest hops with which the hub's name is cut off in every flow, and the other name in none; with fewer, neither.
    fn first_forged(&self, furthest: u8) -> Option<u8> {
        let forged = |answer: &HopAnswer| matches!(answer, HopAnswer::Reset | HopAnswer::Alert | HopAnswer::Closed);
        let first = (1..=furthest).find(|ttl| self.answers(*ttl, true).iter().any(forged))?;
        let (own, other) = (self.answers(first, true), self.answers(first, false));
        (own.len() > 1 && own.iter().all(forged) && !other.iter().any(forged)).then_some(first)
    }

    /// The last hop that answers the hub's name, and the first behind it that answers the other name alone, each in every
    /// flow. Routers between them that answer nobody say nothing.
    fn silent_from(&self, furthest: u8) -> Option<(u8, u8)> {
        let answered = |answer: &HopAnswer| matches!(answer, HopAnswer::TimeExceeded | HopAnswer::ServerHello);
        let silent = |answer: &HopAnswer| *answer == HopAnswer::Silent;
        let last = (1..=furthest).filter(|ttl| self.answers(*ttl, true).iter().any(answered)).max().unwrap_or_default();
        let parts = |ttl: &u8| {
            let (own, other) = (self.answers(*ttl, true), self.answers(*ttl, false));
            own.len() > 1 && own.iter().all(silent) && other.len() > 1 && other.iter().all(answered)
        };
        let first = (last.saturating_add(1)..=furthest).find(parts)?;
        // One flow that is answered further than the other takes another path.
        let steady = |ttl: u8| self.answers(ttl, true).iter().all(answered);
        (last == 0 || steady(last)).then_some((last, first))
    }
}
