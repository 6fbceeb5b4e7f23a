//! This machine's network as every system tells it, for those that tell more to add to.

use std::net::IpAddr;

use crate::observation::{KernelRoute, LocalNetwork, LocalRoute};

/// Of what there is more, a report holds the first.
pub(super) const MAX_INTERFACES: usize = 64;
pub(super) const MAX_ADDRESSES: usize = 16;
pub(super) const MAX_DEFAULT_ROUTES: usize = 16;

/// Which `way` leads to each address, and nothing of links.
pub(super) fn local_network_by(
    hub: &[IpAddr],
    resolvers: &[IpAddr],
    way: impl Fn(IpAddr) -> KernelRoute,
) -> LocalNetwork {
    let routes = |addresses: &[IpAddr]| {
        let addresses = addresses.iter().filter(|address| !address.is_loopback());
        addresses.map(|address| LocalRoute { to: *address, way: way(*address) }).collect()
    };
    LocalNetwork {
        interfaces: None,
        default_routes: None,
        hub: routes(hub),
        resolvers: routes(resolvers),
        resolves_itself: resolvers.iter().any(IpAddr::is_loopback),
        gateway_unanswered_ms: None,
        container: Vec::new(),
        named_in_hosts: Vec::new(),
        tracked_connections: None,
    }
}
