//! What the kernel's answers hold (linux/if_link.h, if_addr.h, neighbour.h, rtnetlink.h).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{
    abi,
    message::{attribute, attributes, number, short},
};
use crate::observation;

pub(super) const LINK_HEADER: usize = 16;
pub(super) const ADDRESS_HEADER: usize = 8;
pub(super) const NEIGHBOUR_HEADER: usize = 12;
pub(super) const ROUTE_HEADER: usize = 12;
const NEXT_HOP_HEADER: usize = 8;

/// A port that a user program holds, and which carries Ethernet frames, is called a tap.
const TUN: &str = "tun";

/// An interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::net::os::linux) struct Link {
    pub(in crate::net::os::linux) index: u32,
    pub(in crate::net::os::linux) name: String,
    /// What kind of virtual interface, or a word for the hardware where its type tells.
    pub(in crate::net::os::linux) kind: Option<String>,
    pub(in crate::net::os::linux) is_loopback: bool,
    pub(in crate::net::os::linux) enabled: bool,
    pub(in crate::net::os::linux) running: bool,
    pub(in crate::net::os::linux) master: Option<u32>,
}

/// An address of an interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::net::os::linux) struct Address {
    pub(in crate::net::os::linux) link: u32,
    pub(in crate::net::os::linux) address: IpAddr,
    pub(in crate::net::os::linux) prefix: u8,
    pub(in crate::net::os::linux) usable: bool,
}

/// A device on a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::net::os::linux) struct Neighbour {
    pub(in crate::net::os::linux) link: u32,
    pub(in crate::net::os::linux) address: IpAddr,
    pub(in crate::net::os::linux) state: observation::Neighbour,
}

/// A route's next hop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::net::os::linux) struct Route {
    pub(in crate::net::os::linux) v6: bool,
    pub(in crate::net::os::linux) link: Option<u32>,
    pub(in crate::net::os::linux) gateway: Option<IpAddr>,
    pub(in crate::net::os::linux) metric: u32,
}

/// `struct ifinfomsg` and its attributes.
pub(super) fn link(body: &[u8]) -> Option<Link> {
    const CARRIES: u32 = abi::UP | abi::RUNNING | abi::LOWER_UP;
    let (hardware, index, flags) = (short(body, 2)?, number(body, 4)?, number(body, 8)?);
    let (mut name, mut kind, mut master) = (None, None, None);
    for (attribute, value) in attributes(body.get(LINK_HEADER..)?) {
        match attribute {
            abi::IFLA_IFNAME => name = Some(text(value)),
            abi::IFLA_MASTER => master = number(value, 0),
            abi::IFLA_LINKINFO => {
                kind = attributes(value).find(|(inner, _)| *inner == abi::IFLA_INFO_KIND).map(|(_, kind)| text(kind));
            }
            _ => {}
        }
    }
    let kind = match (kind, hardware) {
        (Some(kind), abi::ARPHRD_ETHER) if kind == TUN => Some("tap".to_owned()),
        (Some(kind), _) => Some(kind),
        (None, abi::ARPHRD_PPP) => Some("ppp".to_owned()),
        (None, _) => None,
    };
    Some(Link {
        index,
        name: name?,
        kind,
        is_loopback: hardware == abi::ARPHRD_LOOPBACK,
        enabled: flags & abi::UP != 0,
        running: flags & CARRIES == CARRIES,
        master,
    })
}

/// `struct ifaddrmsg` and its attributes.
pub(super) fn address(body: &[u8]) -> Option<Address> {
    let (family, prefix, flags, link) = (*body.first()?, *body.get(1)?, *body.get(2)?, number(body, 4)?);
    let (mut own, mut far, mut flags) = (None, None, u32::from(flags));
    for (attribute, value) in attributes(body.get(ADDRESS_HEADER..)?) {
        match attribute {
            // Of a point-to-point link the one is the near end's, the other the far end's.
            abi::IFA_LOCAL => own = ip(family, value),
            abi::IFA_ADDRESS => far = ip(family, value),
            abi::IFA_FLAGS => flags = number(value, 0)?,
            _ => {}
        }
    }
    let unusable = abi::IFA_F_TENTATIVE | abi::IFA_F_DADFAILED;
    Some(Address { link, address: own.or(far)?, prefix, usable: flags & unusable == 0 })
}

/// `struct ndmsg` and its attributes.
pub(super) fn neighbour(body: &[u8]) -> Option<Neighbour> {
    let (family, link, state) = (*body.first()?, number(body, 4)?, short(body, 8)?);
    let state = match state {
        state if state & abi::NUD_FAILED != 0 => observation::Neighbour::Failed,
        state if state & abi::NUD_INCOMPLETE != 0 => observation::Neighbour::Incomplete,
        _ => observation::Neighbour::Known,
    };
    let mut attributes = attributes(body.get(NEIGHBOUR_HEADER..)?);
    let address = attributes.find(|(kind, _)| *kind == abi::NDA_DST).and_then(|(_, value)| ip(family, value))?;
    Some(Neighbour { link, address, state })
}

/// The next hops of a route to everywhere; nothing of another route.
pub(super) fn default_route(body: &[u8]) -> Option<Vec<Route>> {
    let (length, table, kind) = (*body.get(1)?, *body.get(4)?, *body.get(7)?);
    let leads_out = length == 0 && table != abi::RT_TABLE_LOCAL && kind == abi::RTN_UNICAST;
    leads_out.then(|| route(body))
}

/// `struct rtmsg` and its attributes: one next hop, or several.
pub(super) fn route(body: &[u8]) -> Vec<Route> {
    let Some((family, rest)) = body.first().zip(body.get(ROUTE_HEADER..)) else { return Vec::new() };
    let v6 = *family == abi::AF_INET6;
    let metric = attributes(rest).find(|(kind, _)| *kind == abi::RTA_PRIORITY);
    let metric = metric.and_then(|(_, value)| number(value, 0)).unwrap_or_default();
    let several = attributes(rest).find(|(kind, _)| *kind == abi::RTA_MULTIPATH);
    match several {
        Some((_, hops)) => next_hops(*family, metric, hops),
        None => {
            let link = attributes(rest).find(|(kind, _)| *kind == abi::RTA_OIF);
            let link = link.and_then(|(_, value)| number(value, 0));
            vec![Route { v6, link, gateway: gateway(*family, rest), metric }]
        }
    }
}

/// `struct rtnexthop`, each with attributes of its own.
fn next_hops(family: u8, metric: u32, mut hops: &[u8]) -> Vec<Route> {
    let v6 = family == abi::AF_INET6;
    let next = std::iter::from_fn(move || {
        let length = usize::from(short(hops, 0)?);
        let (link, own) = (number(hops, 4)?, hops.get(NEXT_HOP_HEADER..length)?);
        hops = hops.get(length.saturating_add(3) & !3..).unwrap_or_default();
        Some(Route { v6, link: Some(link), gateway: gateway(family, own), metric })
    });
    next.collect()
}

/// The router, which may be of the other family (RFC 5549).
fn gateway(family: u8, bytes: &[u8]) -> Option<IpAddr> {
    attributes(bytes).find_map(|(kind, value)| match kind {
        abi::RTA_GATEWAY => ip(family, value),
        abi::RTA_VIA => ip(u8::try_from(short(value, 0)?).ok()?, value.get(2..)?),
        _ => None,
    })
}

/// Asks for the route to one address.
pub(super) fn route_question(address: IpAddr) -> Vec<u8> {
    let (family, bits, bytes) = match address {
        IpAddr::V4(address) => (abi::AF_INET, 32, address.octets().to_vec()),
        IpAddr::V6(address) => (abi::AF_INET6, 128, address.octets().to_vec()),
    };
    let mut question = vec![0; ROUTE_HEADER];
    (question[0], question[1]) = (family, bits);
    question.extend(attribute(abi::RTA_DST, &bytes));
    question
}

fn ip(family: u8, bytes: &[u8]) -> Option<IpAddr> {
    match family {
        abi::AF_INET => Some(Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?).into()),
        abi::AF_INET6 => Some(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?).into()),
        _ => None,
    }
}

/// Up to the first zero byte.
fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_interface_is_read() {
        let mut body = vec![0; LINK_HEADER];
        body[2..4].copy_from_slice(&abi::ARPHRD_ETHER.to_ne_bytes());
        body[4..8].copy_from_slice(&3_u32.to_ne_bytes());
        body[8..12].copy_from_slice(&0x11043_u32.to_ne_bytes());
        body.extend(attribute(abi::IFLA_IFNAME, b"tap0\0"));
        body.extend(attribute(abi::IFLA_LINKINFO, &attribute(abi::IFLA_INFO_KIND, b"tun\0")));
        let read = link(&body).expect("a link");
        assert_eq!((read.name.as_str(), read.kind.as_deref(), read.index), ("tap0", Some("tap"), 3));
        assert!(read.enabled && read.running && !read.is_loopback);
        body[8..12].copy_from_slice(&0x1003_u32.to_ne_bytes());
        assert!(link(&body).is_some_and(|read| read.enabled && !read.running), "switched on, and no carrier");
    }

    #[test]
    fn an_address_that_another_machine_has_is_not_usable() {
        let mut body = vec![0; ADDRESS_HEADER];
        (body[0], body[1], body[4]) = (abi::AF_INET6, 64, 2);
        body.extend(attribute(abi::IFA_ADDRESS, &Ipv6Addr::LOCALHOST.octets()));
        assert!(address(&body).expect("an address").usable);
        body.extend(attribute(abi::IFA_FLAGS, &abi::IFA_F_DADFAILED.to_ne_bytes()));
        assert!(!address(&body).expect("an address").usable);
    }

    #[test]
    fn the_hops_of_a_route_are_read() {
        let hop = |link: u8, last: u8| {
            let own = attribute(abi::RTA_GATEWAY, &[10, 0, 0, last]);
            let length = u16::try_from(NEXT_HOP_HEADER + own.len()).expect("short").to_ne_bytes();
            [&length[..], &[0, 0], &u32::from(link).to_ne_bytes(), &own].concat()
        };
        let mut body = vec![0; ROUTE_HEADER];
        (body[0], body[7]) = (abi::AF_INET, abi::RTN_UNICAST);
        body.extend(attribute(abi::RTA_PRIORITY, &700_u32.to_ne_bytes()));
        let both = attribute(abi::RTA_MULTIPATH, &[hop(2, 1), hop(3, 2)].concat());
        let several = default_route(&[body.clone(), both].concat()).expect("a default route");
        let seen: Vec<_> = several.iter().map(|route| (route.link, route.gateway, route.metric)).collect();
        let router = |last| Some(IpAddr::from([10, 0, 0, last]));
        assert_eq!(seen, [(Some(2), router(1), 700), (Some(3), router(2), 700)]);
        body[1] = 24;
        assert_eq!(default_route(&body), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_something_or_nothing(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = (link(&bytes), address(&bytes), neighbour(&bytes), route(&bytes), default_route(&bytes));
        }
    }
}
