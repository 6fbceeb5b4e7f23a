//! WHERE SYNs end that nobody answers.

use super::{
    hops::{HopView, comparable},
    range::{Location, NextHop, is_short},
};
use crate::{
    diagnosis::peer::Peer,
    observation::{Path, ProbeAnswer},
};

/// Where SYNs that nobody answers end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::diagnosis) enum Silence {
    /// Between these hops, both included.
    At {
        location: Location,
        /// Whether the hub itself is among them.
        or_the_hub: bool,
    },
    /// Behind all that the reference shows: with it nobody can be named.
    Beyond { last_router: u8 },
    /// There is nothing to compare with.
    NoReference { last_router: u8 },
    /// Some flows got further than others.
    AtOdds,
    /// Too little was answered.
    Unclear,
}

/// Where the SYNs of a port that drops them end. A stranger, where one answers at the reference, stands nearer than the hub, or
/// who knows where.
pub(in crate::diagnosis) fn silence(path: &Path, reference_is: Option<Peer>) -> Silence {
    let way = HopView(&path.failing);
    let last_router = way.last_router();
    if way.is_answered_otherwise() {
        return Silence::AtOdds;
    }
    let Some(reference) = comparable(path) else { return Silence::NoReference { last_router } };
    let end = reference.steadily(&ProbeAnswer::SynAck);
    let hub = end.filter(|_| reference_is != Some(Peer::Stranger));
    if way.is_at_odds(reference) || !way.is_the_same_up_to(reference, last_router) {
        return Silence::AtOdds;
    }
    if end.is_some_and(|end| last_router >= end) {
        return Silence::Beyond { last_router };
    }
    let furthest = end.unwrap_or(reference.last_router());
    let silent = (last_router.saturating_add(1)..=furthest).find(|ttl| reference.corroborates(way, *ttl));
    match silent {
        // From this machine to the hub is no place.
        Some(silent) if last_router == 0 && end == Some(silent) => Silence::Unclear,
        Some(silent) if way.flows() > 1 => {
            let or_the_hub = hub == Some(silent);
            let address = if or_the_hub { Some(path.failing.address) } else { reference.router(silent) };
            let location = Location {
                hop: last_router,
                address: way.router(last_router),
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

/// Whether a router answered SYNs to the port: they left this machine.
pub(in crate::diagnosis) fn left_this_machine(path: &Path) -> bool {
    HopView(&path.failing).last_router() > 0
}

/// The last hop of an address that answered, and the hops to another address that works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::diagnosis) struct Ends {
    pub(in crate::diagnosis) hop: u8,
    pub(in crate::diagnosis) of: u8,
}

/// Where the SYNs to an address end, if clearly before the edge of the hub and on the path that those to another address
/// of it take.
pub(in crate::diagnosis) fn ends_before_the_hub(path: &Path) -> Option<Ends> {
    let (way, reference) = (HopView(&path.failing), HopView(path.reference.as_ref()?));
    let of = reference.steadily(&ProbeAnswer::SynAck)?;
    let hop = way.last_router();
    let witnessed = (hop.saturating_add(1)..=of).any(|ttl| reference.corroborates(way, ttl));
    let agree = !way.is_answered_otherwise() && !way.is_at_odds(reference) && way.is_the_same_up_to(reference, hop);
    (witnessed && agree && is_short(hop, of)).then_some(Ends { hop, of })
}
