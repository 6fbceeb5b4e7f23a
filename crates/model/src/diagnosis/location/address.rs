//! WHERE packets to an address end of which no port answers: no port shows the path then, so packets of other kinds do.

use std::net::IpAddr;

use super::{
    hops::HopView,
    range::{EDGE, Location, NextHop},
    reset::ResetFrom,
};
use crate::observation::{AddressPath, ProbeAnswer, hops_taken};

/// Where the packets to an address end that is silent on every port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::diagnosis) enum AddressSilence {
    /// Nothing stands before it but the link of this machine.
    OnLink,
    /// SYNs end between these hops, both included, where packets of another kind go on.
    At {
        location: Location,
        /// Whether the hub itself is among them.
        or_the_hub: bool,
    },
    /// Packets of every kind are answered up to this hop alone: they end there, or further on where nobody says so.
    Behind { location: Location },
    /// Nothing that can be said.
    Unclear,
}

/// Where packets to the address end.
pub(in crate::diagnosis) fn address_silence(observed: &AddressPath) -> AddressSilence {
    let mut ways = observed.ports.iter().map(|path| HopView(&path.failing));
    if observed.ports.iter().any(|path| path.on_link == Some(true)) {
        return AddressSilence::OnLink;
    }
    let Some(way) = ways.next() else { return AddressSilence::Unclear };
    let last_router = way.last_router();
    let is_at_odds = |other: HopView<'_>| other.is_answered_otherwise() || other.last_router() > last_router;
    if way.flows() < 2 || way.is_answered_otherwise() || ways.any(is_at_odds) {
        return AddressSilence::Unclear;
    }
    let others = observed.others.iter().map(HopView).filter(|other| other.is_the_same_up_to(way, last_router));
    match others.max_by_key(|other| other.reach()).filter(|other| other.reach() > last_router) {
        Some(reference) => parted(way, reference, last_router),
        None if last_router == 0 || observed.others.iter().any(|other| HopView(other).reach() > last_router) => {
            AddressSilence::Unclear
        }
        None => {
            let location = location(way, last_router, (last_router.saturating_add(1), None), None);
            AddressSilence::Behind { location }
        }
    }
}

/// Where the RST of a port comes from, while no port of its address works. Packets of another kind show how far away it is: as
/// far as it answers them, or further than all routers that do.
pub(in crate::diagnosis) fn address_reset(observed: &AddressPath, port: u16) -> ResetFrom {
    let ways = || observed.ports.iter().map(|path| HopView(&path.failing));
    let Some(way) = ways().find(|way| way.0.port == port) else { return ResetFrom::Unclear };
    let Some(from) = way.steadily(&ProbeAnswer::Reset) else { return ResetFrom::Unclear };
    let last_router = from.saturating_sub(1);
    let others = || observed.others.iter().map(HopView).filter(|other| other.is_the_same_up_to(way, last_router));
    let arrived = others().find_map(|other| Some((other, other.steady_arrival()?)));
    let furthest = || others().filter(|other| other.arrival().is_none()).max_by_key(|other| other.last_router());
    let Some((reference, hub)) = arrived.or_else(|| furthest().map(|other| (other, other.last_router()))) else {
        return ResetFrom::Unclear;
    };
    let is_known = arrived.is_some();
    if from > hub {
        return ResetFrom::Unclear;
    }
    // One port's answers were measured; what another says from as far away is by the same sender.
    let mut alike = ways().filter(|other| other.steadily(&ProbeAnswer::Reset) == Some(from));
    let routers_back = alike.find_map(|other| other.0.answer_ttl).map(hops_taken);
    // A router that resets what it should forward is met at the next hop alone, and its RST passes one router less.
    let is_sent_before = last_router > 0 && routers_back == Some(last_router - 1);
    let address = match from == hub && is_known {
        true if routers_back == Some(last_router) => return ResetFrom::AsFarAs { hub },
        true if !is_sent_before => return ResetFrom::Unclear,
        true => Some(way.0.address),
        false => reference.router(from),
    };
    let location = location(way, last_router, (from, address), is_known.then_some(hub));
    // Behind the last router that answers, the hub is one hop further at least.
    let short_by = i16::from(hub) + i16::from(!is_known) - i16::from(from) + i16::from(is_sent_before);
    match short_by > EDGE {
        true => ResetFrom::ShortOf { location, from, hub },
        false if is_known => ResetFrom::NearTheHub { location, from, hub },
        false => ResetFrom::Unclear,
    }
}

/// Where SYNs end and the reference goes on.
fn parted(way: HopView<'_>, reference: HopView<'_>, last_router: u8) -> AddressSilence {
    let hub = reference.arrival();
    let silent = (last_router.saturating_add(1)..=reference.reach()).find(|ttl| reference.corroborates(way, *ttl));
    match silent {
        // From this machine to the hub is no place.
        Some(silent) if !(last_router == 0 && hub == Some(silent)) => {
            let or_the_hub = hub == Some(silent);
            let address = if or_the_hub { Some(way.0.address) } else { reference.router(silent) };
            AddressSilence::At { location: location(way, last_router, (silent, address), hub), or_the_hub }
        }
        _ => AddressSilence::Unclear,
    }
}

fn location(way: HopView<'_>, hop: u8, (behind, address): (u8, Option<IpAddr>), of: Option<u8>) -> Location {
    Location { hop, address: way.router(hop), next: Some(NextHop { hop: behind, address }), of }
}
