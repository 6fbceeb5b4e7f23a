//! What this machine lacks to send anything at all, from its own links, addresses and routes.

use std::net::IpAddr;

use super::{DefaultRoute, Interface, KernelRoute, LocalNetwork, Neighbour};

/// What keeps packets from leaving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack<'a> {
    /// No cable, no radio: this interface cannot carry packets, or if `None`, no interface can.
    Link(Option<&'a Interface>),
    /// There is a link, but only link-local addresses.
    Address(&'a Interface),
    /// There is an address, but no route.
    Route,
    /// The route's router does not answer on the link.
    Gateway {
        /// Its address.
        gateway: IpAddr,
        /// The link.
        interface: Option<&'a str>,
    },
}

/// Interfaces whose packets other interfaces carry.
const TUNNELS: [&str; 9] = ["tun", "wireguard", "ipip", "sit", "gre", "ip6tnl", "vti", "vti6", "xfrm"];
/// Interfaces that lead nowhere.
const LEADS_NOWHERE: [&str; 2] = ["dummy", "ifb"];
/// How long a system asks for a device on the link before it first gives up, in milliseconds.
pub const ASKED_IN_VAIN_MS: f64 = 3000.0;
/// Hardware interfaces.
const HARDWARE: [&str; 4] = ["ethernet", "wlan", "wwan", "ppp"];

impl LocalNetwork {
    /// What packets to an address of the hub lack.
    pub fn lack_towards(&self, address: IpAddr) -> Option<Lack<'_>> {
        let route = self.hub.iter().find(|route| route.to == address)?;
        self.lack_on(address, &route.way)
    }

    /// What queries to the name servers lack, and queries of any name server on this machine.
    pub fn lack_for_names(&self) -> Option<Lack<'_>> {
        let way_out = self.lack_of_a_way_out();
        let on_the_link = |way: &KernelRoute| {
            matches!(
                way,
                KernelRoute::Found { gateway: None, neighbour: Some(Neighbour::Failed | Neighbour::Incomplete), .. }
            )
        };
        let lack = |route: &super::LocalRoute| match (self.lack_on(route.to, &route.way), way_out) {
            // No device on the link answers, the gateway included.
            (None, Some(Lack::Gateway { .. })) if on_the_link(&route.way) => way_out,
            (lack, _) => lack,
        };
        let servers: Vec<_> = self.resolvers.iter().map(lack).collect::<Option<_>>()?;
        // A stub asks other servers, whose location is unknown.
        if self.resolves_itself { way_out } else { servers.first().copied().or(way_out) }
    }

    /// The interface of a tunnel to the hub, if nothing is left to carry the tunnel.
    pub fn tunnel_without_carrier(&self, address: IpAddr) -> Option<&Interface> {
        let tunnel = self.leaves_by(address).filter(|interface| is_carried(interface))?;
        let mut others = self.interfaces.iter().flatten().filter(|interface| self.may_lead_out(interface));
        (!others.any(|other| other.running && self.has_address(other))).then_some(tunnel)
    }

    /// The tunnel that packets to an address of the hub enter.
    pub fn tunnel_towards(&self, address: IpAddr) -> Option<&Interface> {
        self.leaves_by(address).filter(|interface| interface.is_a_tunnel())
    }

    /// The interface that sends packets to an address of the hub.
    pub fn leaves_by(&self, address: IpAddr) -> Option<&Interface> {
        match self.way_to(address)? {
            KernelRoute::Found { interface, .. } => self.interface(interface.as_deref()?),
            KernelRoute::NoRoute | KernelRoute::Refused { .. } => None,
        }
    }

    /// A gateway that did not answer on the link.
    fn missing<'a>(
        &self,
        gateway: Option<IpAddr>,
        neighbour: Option<Neighbour>,
        link: Option<&'a Interface>,
    ) -> Option<Lack<'a>> {
        let in_vain = match neighbour? {
            Neighbour::Failed => true,
            Neighbour::Incomplete => self.gateway_unanswered_ms.is_some_and(|waited| waited >= ASKED_IN_VAIN_MS),
            Neighbour::Known => false,
        };
        Some(Lack::Gateway { gateway: gateway.filter(|_| in_vain)?, interface: link.map(|link| link.name.as_str()) })
    }

    fn is_a_gateway(&self, address: IpAddr) -> bool {
        self.default_routes.iter().flatten().any(|route| route.gateway == Some(address))
    }

    fn lack_on(&self, address: IpAddr, way: &KernelRoute) -> Option<Lack<'_>> {
        match way {
            KernelRoute::Found { source, .. } if *source == address => None,
            KernelRoute::Found { interface, gateway, neighbour, .. } => {
                let interface = interface.as_deref().and_then(|name| self.interface(name));
                match interface {
                    Some(dead) if !dead.running && self.overlap(address).is_none() => Some(Lack::Link(Some(dead))),
                    link => {
                        let gateway = gateway.or(Some(address).filter(|own| self.is_a_gateway(*own)));
                        self.missing(gateway, *neighbour, link)
                    }
                }
            }
            KernelRoute::NoRoute => Some(self.lack_of_route()),
            KernelRoute::Refused { .. } => None,
        }
    }

    /// What is missing if the name servers are unknown: nothing, as long as one route leads out.
    fn lack_of_a_way_out(&self) -> Option<Lack<'_>> {
        let routes = self.default_routes.as_ref()?;
        let lack = |route: &DefaultRoute| {
            let interface = route.interface.as_deref().and_then(|name| self.interface(name));
            match interface {
                Some(dead) if !dead.running => Some(Lack::Link(Some(dead))),
                Some(link) if !is_carried(link) && !self.has_address(link) => Some(Lack::Address(link)),
                link => self.missing(route.gateway, route.neighbour, link),
            }
        };
        match routes.as_slice() {
            [] => match self.lack_of_route() {
                // A network without a way out may have its own name servers.
                Lack::Route => None,
                lack => Some(lack),
            },
            routes => routes.iter().map(lack).collect::<Option<Vec<_>>>()?.into_iter().next(),
        }
    }

    /// Why there is no route: a route needs an address, and an address needs a link.
    fn lack_of_route(&self) -> Lack<'_> {
        let Some(interfaces) = &self.interfaces else { return Lack::Route };
        let is_hardware = |interface: &&Interface| HARDWARE.contains(&interface.kind.as_str());
        let hardware = interfaces.iter().filter(is_hardware);
        let (mut links, mut leading) =
            (hardware.peekable(), interfaces.iter().filter(|interface| self.may_lead_out(interface)));
        let running = match links.peek() {
            Some(_) => links.clone().find(|link| link.running),
            None => leading.clone().find(|link| link.running),
        };
        let Some(running) = running else {
            // Of several links that are down, the enabled one should work.
            let still = links.clone().find(|link| link.enabled).or_else(|| leading.clone().find(|link| link.enabled));
            return Lack::Link(still.or_else(|| links.next()).or_else(|| leading.next()));
        };
        match leading.any(|interface| interface.running && self.has_address(interface)) {
            true => Lack::Route,
            false => Lack::Address(running),
        }
    }

    /// Whether an interface may be a link to other machines. A tunnel depends on another interface; so does a bridge,
    /// unless one of its ports is hardware.
    fn may_lead_out(&self, interface: &Interface) -> bool {
        let ports = || self.interfaces.iter().flatten().filter(|port| port.master.as_deref() == Some(&interface.name));
        let is_bridge = interface.kind == "bridge";
        !is_carried(interface) && (!is_bridge || ports().any(|port| HARDWARE.contains(&port.kind.as_str())))
    }

    /// Whether an interface, or the bridge or bond that it is a port of, has an address valid beyond the link.
    fn has_address(&self, interface: &Interface) -> bool {
        let master = interface.master.as_deref().and_then(|name| self.interface(name));
        let addresses = interface.addresses.iter().chain(master.into_iter().flat_map(|master| &master.addresses));
        addresses.into_iter().any(|own| own.usable && is_good_beyond_the_link(own.address))
    }
}

impl Interface {
    /// Whether another interface carries its packets, as for a VPN.
    pub fn is_a_tunnel(&self) -> bool {
        TUNNELS.contains(&self.kind.as_str())
    }
}

/// Whether an interface leads nowhere by itself.
fn is_carried(interface: &Interface) -> bool {
    interface.is_a_tunnel() || LEADS_NOWHERE.contains(&interface.kind.as_str())
}

/// False for the addresses that a machine gives itself without any other (RFC 3927, RFC 4291).
fn is_good_beyond_the_link(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !address.is_link_local(),
        IpAddr::V6(address) => !address.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{DefaultRoute, InterfaceAddress, LocalRoute};

    const HUB: &str = "40.83.12.4";

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn interface(name: &str, kind: &str, running: bool, address: Option<&str>) -> Interface {
        let address = address.map(|own| InterfaceAddress { address: ip(own), prefix: 24, usable: true });
        let addresses = address.into_iter().collect();
        let (name, kind) = (name.to_owned(), kind.to_owned());
        Interface { name, kind, enabled: true, running, master: None, addresses, reverse_path_filter: None }
    }

    fn network(interfaces: Vec<Interface>, by: Option<(&str, Option<Neighbour>)>) -> LocalNetwork {
        let way = |to: &str| {
            let found = by.map(|(interface, neighbour)| KernelRoute::Found {
                source: ip("10.20.0.7"),
                interface: Some(interface.to_owned()),
                gateway: Some(ip("10.20.0.254")),
                neighbour,
            });
            LocalRoute { to: ip(to), way: found.unwrap_or(KernelRoute::NoRoute) }
        };
        let default = by.map(|(interface, neighbour)| DefaultRoute {
            interface: Some(interface.to_owned()),
            gateway: Some(ip("10.20.0.254")),
            v6: false,
            metric: 0,
            neighbour,
        });
        LocalNetwork {
            interfaces: Some(interfaces),
            default_routes: Some(default.into_iter().collect()),
            hub: vec![way(HUB)],
            resolvers: vec![way("10.20.0.53")],
            resolves_itself: false,
            gateway_unanswered_ms: None,
            container: Vec::new(),
            named_in_hosts: Vec::new(),
            tracked_connections: None,
        }
    }

    #[test]
    fn a_cable_that_is_out_is_a_link_that_is_missing_with_a_route_or_without() {
        let with = network(vec![interface("eth0", "ethernet", false, Some("10.20.0.7"))], Some(("eth0", None)));
        let without = network(vec![interface("eth0", "ethernet", false, None)], None);
        for seen in [&with, &without] {
            let lack = seen.lack_towards(ip(HUB)).expect("a lack");
            assert!(matches!(lack, Lack::Link(Some(link)) if link.name == "eth0"), "{lack:?}");
            assert_eq!(seen.lack_for_names(), Some(lack));
        }
    }

    #[test]
    fn an_address_for_want_of_another_is_none() {
        let seen = network(vec![interface("eth0", "ethernet", true, Some("169.254.9.1"))], None);
        assert!(matches!(seen.lack_towards(ip(HUB)), Some(Lack::Address(link)) if link.name == "eth0"));
    }

    #[test]
    fn an_engines_bridge_is_no_way_out() {
        let bridge = || interface("docker0", "bridge", true, Some("172.17.0.1"));
        let seen = network(vec![interface("eth0", "ethernet", true, None), bridge()], None);
        assert!(matches!(seen.lack_towards(ip(HUB)), Some(Lack::Address(_))));
        let mut port = interface("eth0", "ethernet", true, None);
        port.master = Some("br-lan".to_owned());
        let seen = network(vec![port, interface("br-lan", "bridge", true, Some("192.168.1.1"))], None);
        assert_eq!(seen.lack_towards(ip(HUB)), Some(Lack::Route), "a bridge of the hardware is one");
    }

    #[test]
    fn a_name_server_that_is_the_gateway_is_missing_with_it() {
        let mut seen = network(
            vec![interface("eth0", "ethernet", true, Some("10.20.0.7"))],
            Some(("eth0", Some(Neighbour::Failed))),
        );
        for server in ["10.20.0.254", "10.20.0.53"] {
            let way = KernelRoute::Found {
                source: ip("10.20.0.7"),
                interface: Some("eth0".to_owned()),
                gateway: None,
                neighbour: Some(Neighbour::Failed),
            };
            seen.resolvers = vec![LocalRoute { to: ip(server), way }];
            assert!(matches!(seen.lack_for_names(), Some(Lack::Gateway { .. })), "{server}");
        }
        let known = DefaultRoute {
            interface: Some("eth0".to_owned()),
            gateway: Some(ip("10.20.0.254")),
            v6: false,
            metric: 0,
            neighbour: Some(Neighbour::Known),
        };
        seen.default_routes = Some(vec![known]);
        assert_eq!(seen.lack_for_names(), None, "a name server alone is down");
    }

    #[test]
    fn a_gateway_is_missing_only_once_it_was_asked_for_in_vain() {
        let link = || vec![interface("eth0", "ethernet", true, Some("10.20.0.7"))];
        for state in [None, Some(Neighbour::Incomplete), Some(Neighbour::Known)] {
            let seen = network(link(), Some(("eth0", state)));
            assert_eq!((seen.lack_towards(ip(HUB)), seen.lack_for_names()), (None, None), "{state:?}");
        }
        let failed = network(link(), Some(("eth0", Some(Neighbour::Failed))));
        // After the first failure, a system asks again with the next packet.
        let mut again = network(link(), Some(("eth0", Some(Neighbour::Incomplete))));
        again.gateway_unanswered_ms = Some(3250.0);
        for seen in [failed, again] {
            assert!(matches!(seen.lack_towards(ip(HUB)), Some(Lack::Gateway { .. })));
            assert!(matches!(seen.lack_for_names(), Some(Lack::Gateway { .. })));
        }
    }

    #[test]
    fn a_stub_on_this_machine_may_ask_whom_it_can_reach() {
        let mut seen = network(vec![interface("eth0", "ethernet", true, Some("10.20.0.7"))], None);
        seen.resolvers.clear();
        seen.resolves_itself = true;
        assert_eq!(seen.lack_for_names(), None, "a network without a way out may have name servers");
        seen.interfaces = Some(vec![interface("eth0", "ethernet", false, Some("10.20.0.7"))]);
        assert!(matches!(seen.lack_for_names(), Some(Lack::Link(_))));
    }

    #[test]
    fn a_tunnel_needs_a_carrier() {
        let tunnel = || interface("tun0", "tun", true, Some("10.8.0.2"));
        let alone = network(vec![interface("eth0", "ethernet", false, None), tunnel()], Some(("tun0", None)));
        assert_eq!(alone.lack_towards(ip(HUB)), None, "the tunnel itself takes packets");
        assert!(alone.tunnel_without_carrier(ip(HUB)).is_some_and(|tunnel| tunnel.name == "tun0"));
        let eth0 = interface("eth0", "ethernet", true, Some("10.20.0.7"));
        let carried = network(vec![eth0, tunnel()], Some(("tun0", None)));
        assert_eq!(carried.tunnel_without_carrier(ip(HUB)), None);
    }
}
