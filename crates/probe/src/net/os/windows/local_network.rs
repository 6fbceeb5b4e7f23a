//! This machine's adapters, addresses and routes.

use std::net::IpAddr;

use super::{
    adapters::{self, Adapter, by_index},
    ip_helper::{self, Device},
};
use crate::{
    net::os::{kernel_route_to, network::local_network_by},
    observation::{KernelRoute, LocalNetwork, Neighbour},
};

/// What is known of this machine's network now, and of the ways to the addresses of a hub and of name servers.
pub(crate) fn local_network(hub: &[IpAddr], resolvers: &[IpAddr]) -> LocalNetwork {
    let (adapters, devices) = (ip_helper::adapters(), ip_helper::neighbours());
    let default_routes = adapters.as_ref().and_then(|adapters| {
        let state = |device, interface| state(&devices, device, interface);
        Some(adapters::default_routes(adapters, &ip_helper::default_routes()?, state))
    });
    let known = adapters.as_deref().unwrap_or_default();
    let network = local_network_by(hub, resolvers, |to| way(known, &devices, to));
    LocalNetwork { interfaces: adapters.as_deref().map(adapters::interfaces), default_routes, ..network }
}

/// Whether there is a way, a socket tells; who is the next on which link, the table of routes.
fn way(adapters: &[Adapter], devices: &[Device], to: IpAddr) -> KernelRoute {
    match (kernel_route_to(to), ip_helper::best_route(to)) {
        (KernelRoute::Found { source, .. }, Some((_, index, gateway))) => KernelRoute::Found {
            source,
            interface: by_index(adapters, index, to.is_ipv6()).map(|adapter| adapter.name.clone()),
            gateway,
            neighbour: state(devices, gateway.unwrap_or(to), index),
        },
        (told, _) => told,
    }
}

fn state(devices: &[Device], device: IpAddr, interface: u32) -> Option<Neighbour> {
    devices.iter().find(|(address, link, _)| (*address, *link) == (device, interface)).map(|(_, _, state)| *state)
}

/// The default gateway, IPv4 first.
pub(crate) fn gateway() -> Option<IpAddr> {
    let (adapters, routes) = (ip_helper::adapters()?, ip_helper::default_routes()?);
    adapters::default_routes(&adapters, &routes, |_, _| None).into_iter().find_map(|route| route.gateway)
}

/// The addresses of this machine's adapters.
pub(crate) fn own_addresses() -> Vec<IpAddr> {
    adapters::own_addresses(&ip_helper::adapters().unwrap_or_default()).collect()
}

/// Whether `address` is in a network of one of this machine's adapters, or its own.
pub(crate) fn on_link(address: IpAddr) -> Option<bool> {
    Some(adapters::on_link(&ip_helper::adapters()?, address))
}

/// The number by which IPv6 knows an adapter.
pub(crate) fn interface_index(name: &str) -> Option<u32> {
    let adapters = ip_helper::adapters()?;
    adapters.iter().find(|adapter| adapter.name == name).map(|adapter| adapter.v6.index).filter(|index| *index != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_a_way_and_a_name_server_on_it_is_told_apart() {
        let network = local_network(&[], &[IpAddr::from([127, 0, 0, 1])]);
        assert!(network.resolves_itself && network.resolvers.is_empty());
        let interfaces = network.interfaces.expect("the system tells");
        let mut addresses = interfaces.iter().flat_map(|interface| &interface.addresses);
        assert!(addresses.all(|own| !own.address.is_loopback()));
    }
}
