//! Where the handshakes of a port are completed: at the hub, or before it.

use std::net::IpAddr;

use super::{
    hops::HopView,
    range::{HUB_EDGE_HOPS, Location},
};
use crate::observation::{Path, ProbeAnswer, hops_taken};

/// Where the handshakes of a port are completed, if before the hub, from all traced paths.
pub fn completed_early(paths: &[&Path], address: IpAddr, port: u16) -> Option<Location> {
    early_handshake(paths, address, port).map(|early_handshake| early_handshake.location)
}

/// A TCP handshake that was completed before the hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::diagnosis) struct EarlyHandshake {
    pub(in crate::diagnosis) location: Location,
    pub(in crate::diagnosis) proof: EarlyProof,
}

/// How it is known that the hub is further away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::diagnosis) enum EarlyProof {
    /// Another port of the same address answers at this hop.
    AnotherPort { hop: u8 },
    /// On the path to another port of it, routers answer up to this hop.
    Routers { hop: u8 },
    /// The address is not on a link of this machine, but the first hop answers.
    NotOnLink,
}

/// Whether the handshakes of a port are completed before the hub, from all traced paths to the address.
pub(in crate::diagnosis) fn early_handshake(paths: &[&Path], address: IpAddr, port: u16) -> Option<EarlyHandshake> {
    let hop = handshake_hop(paths, address, port)?;
    let others = || views(paths, address).filter(|view| view.0.port != port);
    let early_handshake = |of, proof| {
        let router = others().find_map(|view| view.router(hop));
        Some(EarlyHandshake { location: Location { hop, address: router, next: None, of }, proof })
    };
    let hub = others().filter_map(|view| view.first_consistent(&ProbeAnswer::SynAck)).max();
    if let Some(hub) = hub.filter(|hub| i16::from(*hub) - i16::from(hop) >= HUB_EDGE_HOPS) {
        return early_handshake(Some(hub), EarlyProof::AnotherPort { hop: hub });
    }
    let furthest = others().map(HopView::last_router).max().unwrap_or_default();
    if i16::from(furthest) - i16::from(hop) >= HUB_EDGE_HOPS {
        return early_handshake(None, EarlyProof::Routers { hop: furthest });
    }
    // A gateway that rewrites the TTL lets every packet arrive; the hub's answers then show a longer way back.
    let comes_from_there = || {
        let own = views(paths, address).filter(|view| view.0.port == port);
        own.filter_map(|view| view.0.answer_ttl).any(|ttl| hops_taken(ttl) == 0)
    };
    match (hop, is_on_link(paths, address)) {
        (1, Some(false)) if comes_from_there() => early_handshake(None, EarlyProof::NotOnLink),
        _ => None,
    }
}

/// Whether the handshakes of a port are completed at the distance of another port, or at the only possible distance.
pub(in crate::diagnosis) fn answers_from_hub_distance(paths: &[&Path], address: IpAddr, port: u16) -> bool {
    let Some(hop) = handshake_hop(paths, address, port) else { return false };
    let others = views(paths, address).filter(|view| view.0.port != port);
    let furthest = others.filter_map(|view| view.first_consistent(&ProbeAnswer::SynAck)).max();
    match (hop, is_on_link(paths, address)) {
        (1, on_link) => on_link == Some(true),
        _ => furthest.is_some_and(|furthest| hop >= furthest),
    }
}

fn handshake_hop(paths: &[&Path], address: IpAddr, port: u16) -> Option<u8> {
    views(paths, address)
        .filter(|view| view.0.port == port)
        .find_map(|view| view.first_consistent(&ProbeAnswer::SynAck))
}

fn is_on_link(paths: &[&Path], address: IpAddr) -> Option<bool> {
    paths.iter().find(|path| path.failing.address == address)?.on_link
}

pub(super) fn views<'a>(paths: &[&'a Path], address: IpAddr) -> impl Iterator<Item = HopView<'a>> {
    let both = paths.iter().flat_map(|path| std::iter::once(&path.failing).chain(&path.reference));
    both.filter(move |trace| trace.address == address).map(HopView)
}
