//! WHERE the handshakes of a port are completed: by the hub, or before it.

use std::net::IpAddr;

use super::{
    hops::HopView,
    range::{EDGE, Location},
};
use crate::observation::{Path, ProbeAnswer, hops_taken};

/// Where the handshakes of a port are completed, if before the hub, by every path that was traced.
pub fn completed_early(paths: &[&Path], address: IpAddr, port: u16) -> Option<Location> {
    early(paths, address, port).map(|early| early.location)
}

/// A TCP handshake that was completed too early for the hub to have done it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::diagnosis) struct Early {
    pub(in crate::diagnosis) location: Location,
    pub(in crate::diagnosis) because: Because,
}

/// What shows that the hub is further away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::diagnosis) enum Because {
    /// Another port of the same address answers at this hop.
    AnotherPort { hop: u8 },
    /// On the way to another port of it, routers answer up to this hop.
    Routers { hop: u8 },
    /// The address is on no link of this machine, and the first hop answers.
    NotOnLink,
}

/// Whether the handshakes of a port are completed before the hub, by what every traced path to the same address shows.
pub(in crate::diagnosis) fn early(paths: &[&Path], address: IpAddr, port: u16) -> Option<Early> {
    let hop = completed_at(paths, address, port)?;
    let others = || ways(paths, address).filter(|way| way.0.port != port);
    let early = |of, because| {
        let router = others().find_map(|way| way.router(hop));
        Some(Early { location: Location { hop, address: router, next: None, of }, because })
    };
    let hub = others().filter_map(|way| way.steadily(&ProbeAnswer::SynAck)).max();
    if let Some(hub) = hub.filter(|hub| i16::from(*hub) - i16::from(hop) >= EDGE) {
        return early(Some(hub), Because::AnotherPort { hop: hub });
    }
    let furthest = others().map(HopView::last_router).max().unwrap_or_default();
    if i16::from(furthest) - i16::from(hop) >= EDGE {
        return early(None, Because::Routers { hop: furthest });
    }
    // Gateways that set the TTL of what they forward let every packet arrive: their hub's answers come from further away.
    let comes_from_there = || {
        let own = ways(paths, address).filter(|way| way.0.port == port);
        own.filter_map(|way| way.0.answer_ttl).any(|ttl| hops_taken(ttl) == 0)
    };
    match (hop, is_on_link(paths, address)) {
        (1, Some(false)) if comes_from_there() => early(None, Because::NotOnLink),
        _ => None,
    }
}

/// Whether the handshakes of a port are completed as far away as those of another port, or where they must be.
pub(in crate::diagnosis) fn answers_from_the_hub(paths: &[&Path], address: IpAddr, port: u16) -> bool {
    let Some(hop) = completed_at(paths, address, port) else { return false };
    let others = ways(paths, address).filter(|way| way.0.port != port);
    let furthest = others.filter_map(|way| way.steadily(&ProbeAnswer::SynAck)).max();
    match (hop, is_on_link(paths, address)) {
        (1, on_link) => on_link == Some(true),
        _ => furthest.is_some_and(|furthest| hop >= furthest),
    }
}

fn completed_at(paths: &[&Path], address: IpAddr, port: u16) -> Option<u8> {
    ways(paths, address).filter(|way| way.0.port == port).find_map(|way| way.steadily(&ProbeAnswer::SynAck))
}

fn is_on_link(paths: &[&Path], address: IpAddr) -> Option<bool> {
    paths.iter().find(|path| path.failing.address == address)?.on_link
}

pub(super) fn ways<'a>(paths: &[&'a Path], address: IpAddr) -> impl Iterator<Item = HopView<'a>> {
    let both = paths.iter().flat_map(|path| std::iter::once(&path.failing).chain(&path.reference));
    both.filter(move |trace| trace.address == address).map(HopView)
}
