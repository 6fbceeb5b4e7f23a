//! Whether addresses are translated on the way to the hub (NAT): then somebody keeps a table of all connections, which can be full
//! or stale, and no rule of a firewall mends that.

use std::net::IpAddr;

use super::attempt_context::AttemptContext;
use crate::observation::Way;

/// The prefix of addresses that stand for IPv4 ones behind a translator (RFC 6052, section 2.1).
const NAT64: u128 = 0x64_ff9b << 64;

/// Whether this machine's own address is one with which nobody gets to the hub's.
pub(super) fn is_translated(context: AttemptContext<'_>) -> bool {
    if let IpAddr::V6(v6) = context.address()
        && v6.to_bits() >> 32 == NAT64
    {
        return true;
    }
    let way = context.network().and_then(|network| network.way_to(context.address()));
    let Some(Way::Found { source, .. }) = way else { return false };
    // Between private networks, private addresses are routed as any other.
    source.is_ipv4() && !source.is_loopback() && !is_public(*source) && is_public(context.address())
}

/// Addresses that the Internet has no way to, because everybody may use them.
pub(super) fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private(),
        IpAddr::V6(address) => address.is_unique_local(),
    }
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
