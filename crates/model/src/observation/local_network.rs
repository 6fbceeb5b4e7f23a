//! This machine's part of the network: its links, addresses and routes, between a socket and the first wire.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

/// A snapshot of the kernel's network state. Read without privileges, and only if something fails.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LocalNetwork {
    /// Every interface but loopback; `None` if the system does not tell.
    pub interfaces: Option<Vec<Interface>>,
    /// Default routes of every table and both families; `None` if the system does not tell.
    pub default_routes: Option<Vec<DefaultRoute>>,
    /// Where packets to each address of the hub go.
    pub hub: Vec<LocalRoute>,
    /// Where packets to each name server go, without those on this machine itself.
    pub resolvers: Vec<LocalRoute>,
    /// Whether a name server is a stub on this machine, which asks unknown others.
    pub resolves_itself: bool,
    /// How long, in milliseconds, the gateway was seen without an answer on the link; `None` if it answered, or was
    /// looked at only once.
    #[serde(default)]
    pub gateway_unanswered_ms: Option<f64>,
    /// The signs of a container; empty if there are none.
    pub container: Vec<ContainerMark>,
    /// This machine's own addresses in its hosts file, without loopback: container engines write those of their network
    /// there.
    #[serde(default)]
    pub named_in_hosts: Vec<IpAddr>,
    /// The kernel's table of tracked connections (Linux), if there is one.
    pub tracked_connections: Option<Filled>,
}

/// One network interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// Its type: `ethernet`, `wlan`, `wwan`, `ppp`, or a virtual one by the kernel's name (`veth`, `bridge`, `tun`,
    /// `tap`, `wireguard`, ...).
    pub kind: String,
    /// Whether it is enabled.
    pub enabled: bool,
    /// Whether it can carry packets: its cable, radio or other end is present.
    pub running: bool,
    /// The bridge or bond that it is a port of.
    pub master: Option<String>,
    /// Its addresses.
    pub addresses: Vec<InterfaceAddress>,
    /// The mode of the kernel's reverse path filter for incoming packets (RFC 3704): 0 off, 1 strict, 2 loose.
    pub reverse_path_filter: Option<u8>,
}

/// An address of an interface, and its network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterfaceAddress {
    /// The address.
    pub address: IpAddr,
    /// The length of the network prefix, in bits.
    pub prefix: u8,
    /// Whether it may be used: duplicate address detection (RFC 4862) may have found it on another machine.
    pub usable: bool,
}

/// A default route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefaultRoute {
    /// The interface.
    pub interface: Option<String>,
    /// The router; `None` if every address is on the link itself.
    pub gateway: Option<IpAddr>,
    /// Whether it is IPv6.
    pub v6: bool,
    /// The metric: the smallest is preferred.
    pub metric: u32,
    /// The state of the router on the link.
    pub neighbour: Option<Neighbour>,
}

/// Where packets to one address go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalRoute {
    /// The address.
    pub to: IpAddr,
    /// The kernel's answer.
    #[serde(flatten)]
    pub way: KernelRoute,
}

/// The kernel's routing decision for packets to an address. No packet is sent for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum KernelRoute {
    /// They leave.
    Found {
        /// From this address.
        source: IpAddr,
        /// By this interface.
        interface: Option<String>,
        /// To this router; `None` if the address is on the link itself, or the system does not tell.
        gateway: Option<IpAddr>,
        /// The state of the next device on the link: the router, or the address itself.
        neighbour: Option<Neighbour>,
    },
    /// No route leads there.
    NoRoute,
    /// A rule of this machine's routing refuses them.
    Refused {
        /// The system's words.
        errno: String,
    },
}

/// The neighbour state of a device on the link (RFC 4861 section 7.3.2; the same for ARP).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Neighbour {
    /// It has not answered yet.
    Incomplete,
    /// It did not answer several requests.
    Failed,
    /// It answered, or needs no request.
    Known,
}

/// A sign that a program runs in a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContainerMark {
    /// Docker's `/.dockerenv`.
    Docker,
    /// Podman's `/run/.containerenv`.
    Podman,
    /// A service account of Kubernetes is mounted.
    Kubernetes,
    /// The first process's control group has a container engine's name.
    ControlGroup,
    /// A container engine has mounted the files of names and name servers.
    Mounts,
}

/// A table of limited size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filled {
    /// Entries in use.
    pub used: u64,
    /// The maximum number of entries.
    pub limit: u64,
}

/// An address inside one of this machine's own networks, to which the gateway does not belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overlap<'a> {
    /// The interface of that network.
    pub interface: &'a Interface,
    /// This machine's address in it.
    pub own: &'a InterfaceAddress,
}

impl LocalNetwork {
    /// An interface by its name.
    pub fn interface(&self, name: &str) -> Option<&Interface> {
        self.interfaces.iter().flatten().find(|interface| interface.name == name)
    }

    /// Where packets to an address of the hub go.
    pub fn way_to(&self, address: IpAddr) -> Option<&KernelRoute> {
        self.hub.iter().find(|route| route.to == address).map(|route| &route.way)
    }

    /// Whether an address is one of this machine's own: packets to it never leave.
    pub fn is_own(&self, address: IpAddr) -> bool {
        let mut own = self.interfaces.iter().flatten().flat_map(|interface| &interface.addresses);
        own.any(|own| own.address == address) || self.source_towards(address) == Some(address)
    }

    /// This machine's source address for packets to an address of the hub.
    pub fn source_towards(&self, address: IpAddr) -> Option<IpAddr> {
        match self.way_to(address)? {
            KernelRoute::Found { source, .. } => Some(*source),
            KernelRoute::NoRoute | KernelRoute::Refused { .. } => None,
        }
    }

    /// Whether a default route of a family leads out: its interface can carry packets.
    pub fn leads_out(&self, v6: bool) -> bool {
        self.ways_out(v6).next().is_some()
    }

    /// Whether this machine's routing has no route to an address, although its family has a default route.
    /// `unreachable` routes and rules cause that, and rules that reserve the default route for other packets.
    pub fn refuses(&self, address: IpAddr) -> bool {
        let v6 = address.is_ipv6();
        let mut own = self.interfaces.iter().flatten().flat_map(|interface| &interface.addresses);
        // Without a source address, a route is useless.
        let has_address = own.any(|own| own.usable && own.address.is_ipv6() == v6);
        self.way_to(address) == Some(&KernelRoute::NoRoute) && self.leads_out(v6) && has_address
    }

    /// A default route over another interface than that of packets to an address of the hub.
    pub fn unused_way_out(&self, address: IpAddr) -> Option<&DefaultRoute> {
        let KernelRoute::Found { interface: Some(used), .. } = self.way_to(address)? else { return None };
        self.ways_out(address.is_ipv6()).find(|route| route.interface.as_ref().is_some_and(|other| other != used))
    }

    fn ways_out(&self, v6: bool) -> impl Iterator<Item = &DefaultRoute> {
        self.default_routes.iter().flatten().filter(move |route| {
            let interface = route.interface.as_deref().and_then(|name| self.interface(name));
            route.v6 == v6 && interface.is_none_or(|interface| interface.running)
        })
    }

    /// This machine's own network that contains an address of the hub, if it has no gateway and others have one.
    pub fn overlap(&self, address: IpAddr) -> Option<Overlap<'_>> {
        let overlap = self.own_network(address)?;
        let mut gateways = self.default_routes.iter().flatten().peekable();
        gateways.peek()?;
        gateways.all(|route| route.interface.as_deref() != Some(&overlap.interface.name)).then_some(overlap)
    }

    /// This machine's own network that contains an address of the hub.
    pub fn own_network(&self, address: IpAddr) -> Option<Overlap<'_>> {
        let KernelRoute::Found { source, interface: Some(name), gateway: None, .. } = self.way_to(address)? else {
            return None;
        };
        if *source == address {
            return None;
        }
        let interface = self.interface(name)?;
        let own = interface.addresses.iter().find(|own| own.holds(address))?;
        Some(Overlap { interface, own })
    }
}

impl InterfaceAddress {
    /// Whether an address is in the same network.
    pub fn holds(&self, address: IpAddr) -> bool {
        match (self.network(), address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => mask_v4(address.to_bits(), self.prefix) == network.to_bits(),
            (IpAddr::V6(network), IpAddr::V6(address)) => mask_v6(address.to_bits(), self.prefix) == network.to_bits(),
            _ => false,
        }
    }

    /// The first address of its network.
    pub fn network(&self) -> IpAddr {
        match self.address {
            IpAddr::V4(address) => Ipv4Addr::from_bits(mask_v4(address.to_bits(), self.prefix)).into(),
            IpAddr::V6(address) => Ipv6Addr::from_bits(mask_v6(address.to_bits(), self.prefix)).into(),
        }
    }
}

/// A file may claim more bits than an address has.
fn mask_v4(bits: u32, prefix: u8) -> u32 {
    bits & u32::MAX.checked_shl(32_u32.saturating_sub(prefix.into())).unwrap_or_default()
}

fn mask_v6(bits: u128, prefix: u8) -> u128 {
    bits & u128::MAX.checked_shl(128_u32.saturating_sub(prefix.into())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_what_begins_as_its_address() {
        let own = |address: &str, prefix| InterfaceAddress {
            address: address.parse().expect("an address"),
            prefix,
            usable: true,
        };
        for (address, prefix, other, held) in [
            ("172.17.0.1", 16, "172.17.40.5", true),
            ("172.17.0.1", 16, "172.18.0.1", false),
            ("10.0.0.1", 0, "203.0.113.9", true),
            ("10.0.0.1", 32, "10.0.0.1", true),
            ("10.0.0.1", 99, "10.0.0.2", false),
            ("fd77:1::1", 64, "fd77:1::9", true),
            ("fd77:1::1", 64, "fd77:2::9", false),
            ("fd77:1::1", 0, "2001:db8::1", true),
            ("fd77:1::1", 64, "10.0.0.1", false),
        ] {
            let other = other.parse().expect("an address");
            assert_eq!(own(address, prefix).holds(other), held, "{address}/{prefix} {other}");
        }
        assert_eq!(own("172.17.0.1", 16).network(), IpAddr::from([172, 17, 0, 0]));
    }
}
