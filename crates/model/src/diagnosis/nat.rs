//! Whether addresses are translated on the way to the hub (NAT): then somebody keeps a table of all connections, which can be full
//! or stale, and no rule of a firewall mends that.

use std::net::IpAddr;

use super::{attempt_context::AttemptContext, names::is_well_known_nat64};
use crate::observation::KernelRoute;

/// Whether this machine's own address is one with which nobody gets to the hub's.
pub(super) fn is_translated(context: AttemptContext<'_>) -> bool {
    if is_well_known_nat64(context.address()) {
        return true;
    }
    let way = context.network().and_then(|network| network.way_to(context.address()));
    let Some(KernelRoute::Found { source, .. }) = way else { return false };
    // Between private networks, private addresses are routed as any other.
    source.is_ipv4() && !source.is_loopback() && !is_public(*source) && is_public(context.address())
}

/// Whether an address is one of the Internet; providers give shared ones to routers and customers too (RFC 6598).
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            let is_shared = first == 100 && (64..128).contains(&second);
            !(address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || address.is_unspecified()
                || is_shared)
        }
        IpAddr::V6(address) => address.segments().first().is_some_and(|first| first & 0xe000 == 0x2000),
    }
}
