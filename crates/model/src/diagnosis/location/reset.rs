//! Where a refusal comes from: a RST or an ICMP error.

use std::net::IpAddr;

use super::{
    hops::{HopView, comparable_reference},
    range::{HUB_EDGE_HOPS, Location, NextHop},
};
use crate::{
    diagnosis::peer::Peer,
    observation::{Path, ProbeAnswer, hops_taken},
};

/// Where a RST comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::diagnosis) enum ResetOrigin {
    /// Clearly before the hop at which a working port answers.
    ShortOfHub { location: Location, from: u8, hub: u8 },
    /// The same distance as a working port, in both directions.
    AsFarAsHub { hub: u8 },
    /// No further than a stranger that answers at a working port.
    AtStranger { location: Location, from: u8 },
    /// The hub, or so close to it that the hub's own edge may have sent it.
    NearHub { location: Location, from: u8, hub: u8 },
    /// There is nothing to compare with.
    Unclear,
}

/// Where the RST of a port comes from; `reference_peer` answers at the port that it is compared with.
pub(in crate::diagnosis) fn reset(path: &Path, reference_peer: Option<Peer>) -> ResetOrigin {
    let view = HopView(&path.failing);
    let Some(reference) = comparable_reference(path) else { return ResetOrigin::Unclear };
    let (Some(from), Some(hub)) =
        (view.first_consistent(&ProbeAnswer::Reset), reference.first_consistent(&ProbeAnswer::SynAck))
    else {
        return ResetOrigin::Unclear;
    };
    let last_router = from.saturating_sub(1);
    if from > hub || !view.shares_path_up_to(reference, last_router) {
        return ResetOrigin::Unclear;
    }
    let shorter = i16::from(hub) - i16::from(from);
    // How many hops fewer the RST took back than the hub's answers, independent of their initial TTL.
    let back = match (path.failing.answer_ttl, path.reference.as_ref().and_then(|trace| trace.answer_ttl)) {
        (Some(own), Some(hubs)) => Some(i16::from(hops_taken(hubs)) - i16::from(hops_taken(own))),
        _ => None,
    };
    let address = if from == hub { Some(path.failing.address) } else { reference.router(from) };
    let next = Some(NextHop { hop: from, address });
    let location = Location { hop: last_router, address: view.router(last_router), next, of: Some(hub) };
    if reference_peer == Some(Peer::Stranger) {
        return ResetOrigin::AtStranger { location: Location { of: None, ..location }, from };
    }
    if from == hub && back == Some(0) {
        return ResetOrigin::AsFarAsHub { hub };
    }
    // A router that resets a packet that it should forward decrements the TTL first: it appears at the next hop, and
    // only the way back shows the difference.
    let sender_is_short_by = if back == Some(shorter + 1) { shorter + 1 } else { shorter };
    match sender_is_short_by > HUB_EDGE_HOPS {
        true => ResetOrigin::ShortOfHub { location, from, hub },
        false => ResetOrigin::NearHub { location, from, hub },
    }
}

/// The location of an ICMP error's sender, if it also answered as a router.
pub(in crate::diagnosis) fn sender(path: &Path, sender: IpAddr) -> Option<Location> {
    let views = [Some(HopView(&path.failing)), comparable_reference(path)];
    let hop = views.iter().flatten().find_map(|view| view.hop_of(sender))?;
    let hub = views.iter().flatten().find_map(|view| view.first_consistent(&ProbeAnswer::SynAck));
    Some(Location { hop, address: Some(sender), next: None, of: hub.filter(|hub| *hub > hop) })
}
