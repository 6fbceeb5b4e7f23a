//! Where packets end to an address that answers on no port. Packets of other kinds show the path.

use std::net::IpAddr;

use super::{
    hops::HopView,
    range::{HUB_EDGE_HOPS, Location, NextHop},
    reset::ResetOrigin,
};
use crate::observation::{AddressPath, ProbeAnswer, hops_taken};

/// Where packets end to an address that is silent on all ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::diagnosis) enum AddressSilence {
    /// Only a link of this machine is in between.
    OnLink,
    /// SYNs end between these hops, both included, while packets of another kind go on.
    At {
        location: Location,
        /// Whether the hub itself is among them.
        or_the_hub: bool,
    },
    /// Packets of every kind are answered only up to this hop. They end there, or later without an error.
    Behind { location: Location },
    /// Not known.
    Unclear,
}

/// Where packets to the address end.
pub(in crate::diagnosis) fn address_silence(paths: &AddressPath) -> AddressSilence {
    let mut views = paths.ports.iter().map(|path| HopView(&path.failing));
    if paths.ports.iter().any(|path| path.on_link == Some(true)) {
        return AddressSilence::OnLink;
    }
    let Some(view) = views.next() else { return AddressSilence::Unclear };
    let last_router = view.last_router();
    let is_inconsistent_with = |other: HopView<'_>| other.has_other_answers() || other.last_router() > last_router;
    if view.flows() < 2 || view.has_other_answers() || views.any(is_inconsistent_with) {
        return AddressSilence::Unclear;
    }
    let others = paths.others.iter().map(HopView).filter(|other| other.shares_path_up_to(view, last_router));
    match others.max_by_key(|other| other.reach()).filter(|other| other.reach() > last_router) {
        Some(reference) => diverging_silence(view, reference, last_router),
        None if last_router == 0 || paths.others.iter().any(|other| HopView(other).reach() > last_router) => {
            AddressSilence::Unclear
        }
        None => {
            let location = location(view, last_router, (last_router.saturating_add(1), None), None);
            AddressSilence::Behind { location }
        }
    }
}

/// Where the RST of a port comes from if no port of its address works. Packets of another kind show the distance of the
/// address: where it answers them, or beyond the last router that does.
pub(in crate::diagnosis) fn address_reset(paths: &AddressPath, port: u16) -> ResetOrigin {
    let views = || paths.ports.iter().map(|path| HopView(&path.failing));
    let Some(view) = views().find(|view| view.0.port == port) else { return ResetOrigin::Unclear };
    let Some(from) = view.first_consistent(&ProbeAnswer::Reset) else { return ResetOrigin::Unclear };
    let last_router = from.saturating_sub(1);
    let others = || paths.others.iter().map(HopView).filter(|other| other.shares_path_up_to(view, last_router));
    let arrived = others().find_map(|other| Some((other, other.consistent_arrival()?)));
    let furthest = || others().filter(|other| other.arrival().is_none()).max_by_key(|other| other.last_router());
    let Some((reference, hub)) = arrived.or_else(|| furthest().map(|other| (other, other.last_router()))) else {
        return ResetOrigin::Unclear;
    };
    let is_known = arrived.is_some();
    if from > hub {
        return ResetOrigin::Unclear;
    }
    // Only one port's answers were measured; others from the same distance have the same sender.
    let mut alike = views().filter(|other| other.first_consistent(&ProbeAnswer::Reset) == Some(from));
    let routers_back = alike.find_map(|other| other.0.answer_ttl).map(hops_taken);
    // A router that resets a packet that it should forward appears at the next hop, and its RST passes one router less.
    let is_sent_before = last_router > 0 && routers_back == Some(last_router - 1);
    let address = match from == hub && is_known {
        true if routers_back == Some(last_router) => return ResetOrigin::AsFarAsHub { hub },
        true if !is_sent_before => return ResetOrigin::Unclear,
        true => Some(view.0.address),
        false => reference.router(from),
    };
    let location = location(view, last_router, (from, address), is_known.then_some(hub));
    // The hub is at least one hop after the last router that answers.
    let short_by = i16::from(hub) + i16::from(!is_known) - i16::from(from) + i16::from(is_sent_before);
    match short_by > HUB_EDGE_HOPS {
        true => ResetOrigin::ShortOfHub { location, from, hub },
        false if is_known => ResetOrigin::NearHub { location, from, hub },
        false => ResetOrigin::Unclear,
    }
}

/// Where SYNs end while the reference goes on.
fn diverging_silence(view: HopView<'_>, reference: HopView<'_>, last_router: u8) -> AddressSilence {
    let hub = reference.arrival();
    let silent = (last_router.saturating_add(1)..=reference.reach()).find(|ttl| reference.corroborates(view, *ttl));
    match silent {
        // "Between this machine and the hub" is not a location.
        Some(silent) if !(last_router == 0 && hub == Some(silent)) => {
            let or_the_hub = hub == Some(silent);
            let address = if or_the_hub { Some(view.0.address) } else { reference.router(silent) };
            AddressSilence::At { location: location(view, last_router, (silent, address), hub), or_the_hub }
        }
        _ => AddressSilence::Unclear,
    }
}

fn location(view: HopView<'_>, hop: u8, (behind, address): (u8, Option<IpAddr>), of: Option<u8>) -> Location {
    Location { hop, address: view.router(hop), next: Some(NextHop { hop: behind, address }), of }
}
