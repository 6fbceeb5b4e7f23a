//! Whether addresses are translated on the path to the hub (NAT). Then a device keeps a table of all connections, which
//! can be full or stale, and no firewall rule fixes that.

use std::net::IpAddr;

use super::{attempt_context::AttemptContext, dns::is_well_known_nat64};
use crate::observation::KernelRoute;

/// Whether this machine's own address cannot be routed to the hub's.
pub(super) fn is_translated(context: AttemptContext<'_>) -> bool {
    if is_well_known_nat64(context.address()) {
        return true;
    }
    let route = context.network().and_then(|network| network.way_to(context.address()));
    let Some(KernelRoute::Found { source, .. }) = route else { return false };
    // Between private networks, private addresses are routed like any other.
    source.is_ipv4() && !source.is_loopback() && !is_public(*source) && is_public(context.address())
}

/// Whether an address is public. Providers also give shared addresses to routers and customers (RFC 6598).
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
