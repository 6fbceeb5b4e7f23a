//! What is made of the system's lists of adapters and routes.

use std::net::{IpAddr, Ipv6Addr};

use crate::{
    net::os::{
        network::{MAX_ADDRESSES, MAX_DEFAULT_ROUTES, MAX_INTERFACES},
        resolv_conf::ResolvConf,
    },
    observation::{DefaultRoute, Interface, InterfaceAddress, Neighbour},
};

/// Name servers that Windows names on links without any; nothing answers there (RFC 3879 took the range back).
const PLACEHOLDERS: [Ipv6Addr; 3] = [
    Ipv6Addr::new(0xfec0, 0, 0, 0xffff, 0, 0, 0, 1),
    Ipv6Addr::new(0xfec0, 0, 0, 0xffff, 0, 0, 0, 2),
    Ipv6Addr::new(0xfec0, 0, 0, 0xffff, 0, 0, 0, 3),
];

/// One of `GetAdaptersAddresses`.
#[derive(Debug, Clone, Default)]
pub(super) struct Adapter {
    /// As in `ncpa.cpl`: `Ethernet 2`.
    pub(super) name: String,
    /// The number of its type (IANA's ifType).
    pub(super) kind: u32,
    pub(super) is_up: bool,
    /// Its numbers and metrics, which each family has its own of.
    pub(super) v4: Family,
    pub(super) v6: Family,
    pub(super) addresses: Vec<InterfaceAddress>,
    /// The name servers, with the scope of link-local ones.
    pub(super) servers: Vec<(IpAddr, u32)>,
    /// The domains of the connection.
    pub(super) suffixes: Vec<String>,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Family {
    pub(super) index: u32,
    pub(super) metric: u32,
}

/// One of the routes whose prefix is 0 bits long.
#[derive(Debug, Clone, Copy)]
pub(super) struct Route {
    pub(super) index: u32,
    pub(super) v6: bool,
    pub(super) gateway: Option<IpAddr>,
    /// Is added to the adapter's.
    pub(super) metric: u32,
}

impl Adapter {
    pub(super) fn is_loopback(&self) -> bool {
        self.kind == 24
    }

    fn family(&self, v6: bool) -> Family {
        if v6 { self.v6 } else { self.v4 }
    }

    fn interface(&self) -> Interface {
        Interface {
            name: self.name.clone(),
            kind: kind(self.kind).to_owned(),
            // A disabled adapter is not listed.
            enabled: true,
            running: self.is_up,
            master: None,
            addresses: self.addresses.iter().take(MAX_ADDRESSES).cloned().collect(),
            reverse_path_filter: None,
        }
    }
}

/// By the words that are used for other systems.
fn kind(number: u32) -> &'static str {
    match number {
        23 => "ppp",
        71 => "wlan",
        131 => "tun",
        243 | 244 => "wwan",
        53 => "virtual",
        _ => "ethernet",
    }
}

pub(super) fn interfaces(adapters: &[Adapter]) -> Vec<Interface> {
    adapters.iter().filter(|adapter| !adapter.is_loopback()).take(MAX_INTERFACES).map(Adapter::interface).collect()
}

/// The adapter that a family knows by a number.
pub(super) fn by_index(adapters: &[Adapter], index: u32, v6: bool) -> Option<&Adapter> {
    adapters.iter().find(|adapter| index != 0 && adapter.family(v6).index == index)
}

/// The preferred first. `neighbour` tells the state of a router on a link.
pub(super) fn default_routes(
    adapters: &[Adapter],
    routes: &[Route],
    neighbour: impl Fn(IpAddr, u32) -> Option<Neighbour>,
) -> Vec<DefaultRoute> {
    let told = routes.iter().map(|route| {
        let adapter = by_index(adapters, route.index, route.v6);
        DefaultRoute {
            interface: adapter.map(|adapter| adapter.name.clone()),
            gateway: route.gateway,
            v6: route.v6,
            metric: route.metric.saturating_add(adapter.map_or(0, |adapter| adapter.family(route.v6).metric)),
            neighbour: route.gateway.and_then(|gateway| neighbour(gateway, route.index)),
        }
    });
    let mut told: Vec<DefaultRoute> = told.collect();
    told.sort_by_key(|route| (route.v6, route.metric));
    told.truncate(MAX_DEFAULT_ROUTES);
    told
}

pub(super) fn own_addresses(adapters: &[Adapter]) -> impl Iterator<Item = IpAddr> {
    adapters.iter().flat_map(|adapter| &adapter.addresses).map(|own| own.address)
}

/// Whether `address` is in a network of an adapter that can send.
pub(super) fn on_link(adapters: &[Adapter], address: IpAddr) -> bool {
    let sending = adapters.iter().filter(|adapter| adapter.is_up);
    sending.flat_map(|adapter| &adapter.addresses).any(|own| own.holds(address))
}

/// The name servers of all adapters that are up, the preferred adapter first, and the domains that the system appends: `listed`
/// by a policy or the user, else this machine's own and those of the connections. `None` if no server is known: the system then
/// asks none, which is not this machine itself.
pub(super) fn resolver_config(
    adapters: &[Adapter],
    listed: Option<String>,
    domain: Option<String>,
) -> Option<ResolvConf> {
    let mut up: Vec<&Adapter> = adapters.iter().filter(|adapter| adapter.is_up).collect();
    up.sort_by_key(|adapter| adapter.v4.metric.min(adapter.v6.metric));
    let mut config = ResolvConf::default();
    for (server, scope) in up.iter().flat_map(|adapter| &adapter.servers) {
        let text = if *scope == 0 { server.to_string() } else { format!("{server}%{scope}") };
        let is_placeholder = matches!(server, IpAddr::V6(v6) if PLACEHOLDERS.contains(v6));
        if !is_placeholder && !config.servers.contains(&text) {
            config.servers.push(text);
        }
    }
    let separated = |list: &str| list.split([',', ' ']).map(str::to_owned).collect::<Vec<_>>();
    let domains = match listed.filter(|list| !list.trim().is_empty()) {
        Some(list) => separated(&list),
        None => domain.into_iter().chain(up.iter().flat_map(|adapter| adapter.suffixes.clone())).collect(),
    };
    config.set_search(domains.iter().map(String::as_str));
    (!config.servers.is_empty()).then_some(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn adapter(name: &str, index: u32, metric: u32, own: &str, servers: &[(&str, u32)]) -> Adapter {
        Adapter {
            name: name.to_owned(),
            kind: 6,
            is_up: true,
            v4: Family { index, metric },
            v6: Family { index: index + 100, metric },
            addresses: vec![InterfaceAddress { address: ip(own), prefix: 24, usable: true }],
            servers: servers.iter().map(|(server, scope)| (ip(server), *scope)).collect(),
            suffixes: vec![format!("{}.example", name.to_ascii_lowercase())],
        }
    }

    fn laptop() -> Vec<Adapter> {
        let ethernet = adapter("Ethernet", 4, 25, "192.0.2.10", &[("192.0.2.1", 0), ("fe80::1", 104)]);
        let vpn = adapter("VPN", 7, 5, "10.8.0.2", &[("10.8.0.1", 0), ("192.0.2.1", 0)]);
        let unused = adapter("WiFi", 9, 50, "198.51.100.9", &[("fec0:0:0:ffff::1", 1), ("fec0:0:0:ffff::3", 1)]);
        let down = Adapter { is_up: false, ..adapter("Old", 11, 1, "203.0.113.5", &[("203.0.113.1", 0)]) };
        let loopback = Adapter { kind: 24, ..adapter("Loopback", 1, 75, "127.0.0.1", &[]) };
        vec![ethernet, vpn, unused, down, loopback]
    }

    #[test]
    fn name_servers_are_those_of_adapters_that_are_up() {
        let config = resolver_config(&laptop(), None, Some("Corp.Example".to_owned())).expect("servers");
        assert_eq!(config.servers, ["10.8.0.1", "192.0.2.1", "fe80::1%104"], "the VPN first, no placeholders");
        let own = ["corp.example", "vpn.example", "ethernet.example", "wifi.example", "loopback.example"];
        assert_eq!(config.search, own);
        let listed =
            resolver_config(&laptop(), Some("a.example,b.example, ".to_owned()), Some("corp.example".to_owned()));
        assert_eq!(listed.expect("servers").search, ["a.example", "b.example"]);
        assert_eq!(resolver_config(&laptop()[2..], None, None), None, "placeholders are none, and nor is this machine");
    }

    #[test]
    fn the_route_with_the_smallest_metric_comes_first() {
        let by = |index, gateway: Option<&str>, metric| {
            let gateway = gateway.map(ip);
            Route { index, v6: gateway.is_some_and(|gateway| gateway.is_ipv6()), gateway, metric }
        };
        let routes = [by(104, Some("fe80::1"), 0), by(4, Some("192.0.2.1"), 0), by(7, None, 0), by(99, None, 1)];
        let known = |_, index| (index == 4).then_some(Neighbour::Failed);
        let told: Vec<String> = default_routes(&laptop(), &routes, known)
            .into_iter()
            .map(|route| {
                let DefaultRoute { interface, gateway, v6, metric, neighbour } = route;
                format!("{interface:?} {gateway:?} {v6} {metric} {neighbour:?}")
            })
            .collect();
        assert_eq!(
            told,
            [
                "None None false 1 None",
                "Some(\"VPN\") None false 5 None",
                "Some(\"Ethernet\") Some(192.0.2.1) false 25 Some(Failed)",
                "Some(\"Ethernet\") Some(fe80::1) true 25 None",
            ]
        );
    }

    #[test]
    fn links_are_those_of_adapters_that_are_up() {
        let adapters = laptop();
        assert!(on_link(&adapters, ip("10.8.0.77")) && on_link(&adapters, ip("127.0.0.1")));
        assert!(!on_link(&adapters, ip("203.0.113.9")), "its adapter is down");
        let told: Vec<_> = interfaces(&adapters).into_iter().map(|one| (one.name, one.running)).collect();
        let wanted = [("Ethernet", true), ("VPN", true), ("WiFi", true), ("Old", false)];
        assert_eq!(told, wanted.map(|(name, running)| (name.to_owned(), running)));
        assert_eq!(by_index(&adapters, 0, false).map(|one| one.name.as_str()), None, "a family that it lacks");
    }
}
