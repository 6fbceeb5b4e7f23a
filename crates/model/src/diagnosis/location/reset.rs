//! WHERE a refusal comes from: a RST, or an ICMP error.

use std::net::IpAddr;

use super::{
    hops::{HopView, comparable},
    range::{EDGE, Location, NextHop},
};
use crate::{
    diagnosis::peer::Peer,
    observation::{Path, ProbeAnswer, hops_taken},
};

/// How far away a RST comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::diagnosis) enum ResetFrom {
    /// From clearly short of where a port that works answers.
    ShortOf { location: Location, from: u8, hub: u8 },
    /// From as far away as a port that works, there and back.
    AsFarAs { hub: u8 },
    /// From no further than who answers in the hub's place at a port that works.
    AStranger { location: Location, from: u8 },
    /// From the hub, or from so close to it that its own edge may have sent it.
    NearTheHub { location: Location, from: u8, hub: u8 },
    /// Nothing that can be compared.
    Unclear,
}

/// Where the RST of a port comes from, given who answers at the one that it is compared with.
pub(in crate::diagnosis) fn reset(path: &Path, reference_is: Option<Peer>) -> ResetFrom {
    let way = HopView(&path.failing);
    let Some(reference) = comparable(path) else { return ResetFrom::Unclear };
    let (Some(from), Some(hub)) = (way.steadily(&ProbeAnswer::Reset), reference.steadily(&ProbeAnswer::SynAck)) else {
        return ResetFrom::Unclear;
    };
    let last_router = from.saturating_sub(1);
    if from > hub || !way.is_the_same_up_to(reference, last_router) {
        return ResetFrom::Unclear;
    }
    let shorter = i16::from(hub) - i16::from(from);
    // How many hops less the RST took on its way back than the hub's answers, whichever TTL each was sent with.
    let back = match (path.failing.answer_ttl, path.reference.as_ref().and_then(|trace| trace.answer_ttl)) {
        (Some(own), Some(hubs)) => Some(i16::from(hops_taken(hubs)) - i16::from(hops_taken(own))),
        _ => None,
    };
    let address = if from == hub { Some(path.failing.address) } else { reference.router(from) };
    let next = Some(NextHop { hop: from, address });
    let location = Location { hop: last_router, address: way.router(last_router), next, of: Some(hub) };
    if reference_is == Some(Peer::Stranger) {
        return ResetFrom::AStranger { location: Location { of: None, ..location }, from };
    }
    if from == hub && back == Some(0) {
        return ResetFrom::AsFarAs { hub };
    }
    // A router that resets what it should forward lets the SYN run out of hops first: it is met at the next hop alone, and
    // only the way back tells it from that one.
    let sender_is_short_by = if back == Some(shorter + 1) { shorter + 1 } else { shorter };
    match sender_is_short_by > EDGE {
        true => ResetFrom::ShortOf { location, from, hub },
        false => ResetFrom::NearTheHub { location, from, hub },
    }
}

/// Where the sender of an ICMP error stands, where it also answered as a router.
pub(in crate::diagnosis) fn sender(path: &Path, sender: IpAddr) -> Option<Location> {
    let ways = [Some(HopView(&path.failing)), comparable(path)];
    let hop = ways.iter().flatten().find_map(|way| way.hop_of(sender))?;
    let hub = ways.iter().flatten().find_map(|way| way.steadily(&ProbeAnswer::SynAck));
    Some(Location { hop, address: Some(sender), next: None, of: hub.filter(|hub| *hub > hop) })
}
