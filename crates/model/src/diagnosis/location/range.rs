//! A range of hops on the path.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// Within this distance, a device that answers for the hub may be its own edge: a load balancer or an address
/// translator.
pub(super) const HUB_EDGE_HOPS: i16 = 2;

/// A location on the path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Location {
    /// The last router that still answered; 0 is this machine. The packets are stopped by that device or by the next
    /// one.
    pub hop: u8,
    /// Its address.
    pub address: Option<IpAddr>,
    /// The next answering hop of the reference path, if the location may be as far as that; `None` if the location is
    /// the hop itself.
    pub next: Option<NextHop>,
    /// Hops to the hub, if known.
    pub of: Option<u8>,
}

/// The hop after a [`Location`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NextHop {
    /// Its distance.
    pub hop: u8,
    /// Its address.
    pub address: Option<IpAddr>,
}

impl Location {
    /// This machine itself.
    pub(in crate::diagnosis) const THIS_MACHINE: Self = Self { hop: 0, address: None, next: None, of: None };
}

/// Whether a location, if known, cannot be the hub's own edge.
pub(in crate::diagnosis) fn is_clear_of_hub_edge(location: Option<&Location>) -> bool {
    location.is_none_or(|location| {
        location.next.is_none() || location.of.is_none_or(|of| is_short_of_edge(location.hop, of))
    })
}

/// Whether a hop is clearly before the hub, whose distance is given.
pub(super) fn is_short_of_edge(hop: u8, of: u8) -> bool {
    i16::from(of) - i16::from(hop) > HUB_EDGE_HOPS
}
