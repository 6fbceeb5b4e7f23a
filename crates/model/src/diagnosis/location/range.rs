//! Between which hops something stands.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// So many hops before the hub, what answers in its stead may be its own edge: a load balancer, an address translator.
pub(super) const EDGE: i16 = 2;

/// A place on the path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Location {
    /// The last router that still answered; 0 is this machine. What stops the packets is that device or what stands right behind it.
    pub hop: u8,
    /// Its address.
    pub address: Option<IpAddr>,
    /// The next hop of the reference path that answers, where the place may be as far as that; `None` where it is the hop
    /// itself.
    pub next: Option<NextHop>,
    /// Hops to the hub, if known.
    pub of: Option<u8>,
}

/// The hop behind a [`Location`].
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

/// Whether what stands at a place, as far as one is known, cannot be the hub's own edge.
pub(in crate::diagnosis) fn is_clear_of_the_hub(location: Option<&Location>) -> bool {
    location.is_none_or(|location| location.next.is_none() || location.of.is_none_or(|of| is_short(location.hop, of)))
}

/// Whether a hop is clearly before the hub, which is so many hops away.
pub(super) fn is_short(hop: u8, of: u8) -> bool {
    i16::from(of) - i16::from(hop) > EDGE
}
