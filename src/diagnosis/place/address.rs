//! WHERE packets to an address end of which no port answers: no port shows the path then, so packets of other kinds do.

use std::net::IpAddr;

use super::way::Way;
use crate::{
    diagnosis::{Location, NextHop},
    observation::AddressPath,
};

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
pub(in crate::diagnosis) fn address_silence(seen: &AddressPath) -> AddressSilence {
    let mut ways = seen.ports.iter().map(|path| Way(&path.failing));
    if seen.ports.iter().any(|path| path.on_link == Some(true)) {
        return AddressSilence::OnLink;
    }
    let Some(way) = ways.next() else { return AddressSilence::Unclear };
    let last_router = way.last_router();
    let is_at_odds = |other: Way<'_>| other.is_answered_otherwise() || other.last_router() > last_router;
    if way.flows() < 2 || way.is_answered_otherwise() || ways.any(is_at_odds) {
        return AddressSilence::Unclear;
    }
    let others = seen.others.iter().map(Way).filter(|other| other.is_the_same_up_to(way, last_router));
    match others.max_by_key(|other| other.reach()).filter(|other| other.reach() > last_router) {
        Some(reference) => parted(way, reference, last_router),
        None if last_router == 0 || seen.others.iter().any(|other| Way(other).reach() > last_router) => {
            AddressSilence::Unclear
        }
        None => {
            let location = location(way, last_router, (last_router.saturating_add(1), None), None);
            AddressSilence::Behind { location }
        }
    }
}

/// Where SYNs end and the reference goes on.
fn parted(way: Way<'_>, reference: Way<'_>, last_router: u8) -> AddressSilence {
    let hub = reference.arrival();
    let silent = (last_router.saturating_add(1)..=reference.reach()).find(|ttl| reference.witnesses(way, *ttl));
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

fn location(way: Way<'_>, hop: u8, (behind, address): (u8, Option<IpAddr>), of: Option<u8>) -> Location {
    Location { hop, address: way.router(hop), next: Some(NextHop { hop: behind, address }), of }
}
