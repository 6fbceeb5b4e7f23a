//! Where unanswered SYNs end.

use super::{
    hops::{HopView, comparable_reference},
    range::{Location, NextHop, is_short_of_edge},
};
use crate::{
    diagnosis::peer::Peer,
    observation::{Path, ProbeAnswer},
};

/// Where unanswered SYNs end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::diagnosis) enum Silence {
    /// Between these hops, both included.
    At {
        location: Location,
        /// Whether the hub itself is among them.
        or_the_hub: bool,
    },
    /// Beyond everything that the reference shows, so no device can be named.
    Beyond { last_router: u8 },
    /// There is nothing to compare with.
    NoReference { last_router: u8 },
    /// Some flows got further than others.
    Inconsistent,
    /// There were too few answers.
    Unclear,
}

/// Where the SYNs of a silent port end. A stranger that answers at the reference port may be anywhere before the hub.
pub(in crate::diagnosis) fn silence(path: &Path, reference_peer: Option<Peer>) -> Silence {
    let view = HopView(&path.failing);
    let last_router = view.last_router();
    if view.has_other_answers() {
        return Silence::Inconsistent;
    }
    let Some(reference) = comparable_reference(path) else { return Silence::NoReference { last_router } };
    let end = reference.first_consistent(&ProbeAnswer::SynAck);
    let hub = end.filter(|_| reference_peer != Some(Peer::Stranger));
    if view.is_inconsistent_with(reference) || !view.shares_path_up_to(reference, last_router) {
        return Silence::Inconsistent;
    }
    if end.is_some_and(|end| last_router >= end) {
        return Silence::Beyond { last_router };
    }
    let furthest = end.unwrap_or(reference.last_router());
    let silent = (last_router.saturating_add(1)..=furthest).find(|ttl| reference.corroborates(view, *ttl));
    match silent {
        // "Between this machine and the hub" is not a location.
        Some(silent) if last_router == 0 && end == Some(silent) => Silence::Unclear,
        Some(silent) if view.flows() > 1 => {
            let or_the_hub = hub == Some(silent);
            let address = if or_the_hub { Some(path.failing.address) } else { reference.router(silent) };
            let location = Location {
                hop: last_router,
                address: view.router(last_router),
                next: Some(NextHop { hop: silent, address }),
                of: hub,
            };
            Silence::At { location, or_the_hub }
        }
        Some(_) => Silence::Unclear,
        None if end.is_none() => Silence::Beyond { last_router },
        None => Silence::Unclear,
    }
}

/// Whether a router answered SYNs to the port, so they left this machine.
pub(in crate::diagnosis) fn left_this_machine(path: &Path) -> bool {
    HopView(&path.failing).last_router() > 0
}

/// The last answered hop towards an address, and the distance of another address that works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::diagnosis) struct PathEnd {
    pub(in crate::diagnosis) hop: u8,
    pub(in crate::diagnosis) of: u8,
}

/// Where SYNs to an address end, if clearly before the hub's edge and on the path that another address of the hub uses.
pub(in crate::diagnosis) fn ends_short_of_hub(path: &Path) -> Option<PathEnd> {
    let (view, reference) = (HopView(&path.failing), HopView(path.reference.as_ref()?));
    let of = reference.first_consistent(&ProbeAnswer::SynAck)?;
    let hop = view.last_router();
    let corroborated = (hop.saturating_add(1)..=of).any(|ttl| reference.corroborates(view, ttl));
    let agree =
        !view.has_other_answers() && !view.is_inconsistent_with(reference) && view.shares_path_up_to(reference, hop);
    (corroborated && agree && is_short_of_edge(hop, of)).then_some(PathEnd { hop, of })
}
