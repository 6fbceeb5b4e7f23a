//! Addresses that a name chosen by a client must not resolve to: a client of an exporter must not make it connect to
//! itself, to its neighbours on the link, or to a cloud's metadata service.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use super::os;

/// Where clouds tell a machine its credentials, as far as that is not link-local: Alibaba, Oracle, Azure; AWS, Google.
const METADATA_V4: [Ipv4Addr; 3] =
    [Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(192, 0, 0, 192), Ipv4Addr::new(168, 63, 129, 16)];
const METADATA_V6: [Ipv6Addr; 2] =
    [Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254), Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)];

/// What an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Inner {
    /// This machine, by its loopback.
    Loopback,
    /// This machine, or none: 0.0.0.0 and `::`.
    Unspecified,
    /// A neighbour, or a cloud's metadata.
    LinkLocal,
    /// A cloud's metadata.
    Metadata,
    /// Not one host.
    Group,
    /// One of this machine's interfaces.
    Own,
}

impl fmt::Display for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loopback => "a loopback address",
            Self::Unspecified => "an unspecified address",
            Self::LinkLocal => "a link-local address",
            Self::Metadata => "the address of a cloud's metadata",
            Self::Group => "a multicast or broadcast address",
            Self::Own => "an address of this machine",
        })
    }
}

/// The first of `addresses` that is closed to names that others choose, and what it is.
pub(crate) fn first_inner(addresses: &[IpAddr]) -> Option<(IpAddr, Inner)> {
    let own = os::own_addresses();
    addresses.iter().find_map(|address| Some((*address, inner(*address, &own)?)))
}

fn inner(address: IpAddr, own: &[IpAddr]) -> Option<Inner> {
    let is_own = |address: &IpAddr| own.iter().any(|own| own.to_canonical() == *address);
    let what = match address.to_canonical() {
        IpAddr::V4(v4) => inner_v4(v4),
        IpAddr::V6(v6) => inner_v6(v6).or_else(|| carried(v6).into_iter().find_map(|v4| inner(v4.into(), own))),
    };
    what.or_else(|| is_own(&address.to_canonical()).then_some(Inner::Own))
}

fn inner_v4(address: Ipv4Addr) -> Option<Inner> {
    match address.octets() {
        [127, ..] => Some(Inner::Loopback),
        // All of 0/8 is "this network" (RFC 1122, section 3.2.1.3).
        [0, ..] => Some(Inner::Unspecified),
        [169, 254, ..] => Some(Inner::LinkLocal),
        _ if METADATA_V4.contains(&address) => Some(Inner::Metadata),
        _ if address.is_multicast() || address.is_broadcast() => Some(Inner::Group),
        _ => None,
    }
}

fn inner_v6(address: Ipv6Addr) -> Option<Inner> {
    if address.is_loopback() {
        Some(Inner::Loopback)
    } else if address.is_unspecified() {
        Some(Inner::Unspecified)
    } else if address.is_unicast_link_local() {
        Some(Inner::LinkLocal)
    } else if METADATA_V6.contains(&address) {
        Some(Inner::Metadata)
    } else {
        address.is_multicast().then_some(Inner::Group)
    }
}

/// The IPv4 addresses to which a translator or tunnel may carry what is sent to an IPv6 one: NAT64 (RFC 6052), 6to4 (RFC 3056),
/// and the compatible form that nobody uses any more (RFC 4291). Mapped ones are IPv4 already.
fn carried(address: Ipv6Addr) -> Vec<Ipv4Addr> {
    let last = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0, 0, 0, 0, 0, 0, high, low] => vec![last(high, low)],
        [0x2002, high, low, ..] => vec![last(high, low)],
        [0x64, 0xff9b, 1, ..] => by_local_translators(address.octets()),
        _ => Vec::new(),
    }
}

/// What is behind 64:ff9b:1::/48 (RFC 8215): each network chooses how long its own prefix is, of 48, 56, 64 or 96 bits, and the IPv4
/// address follows, byte 8 being left out (RFC 6052, section 2.2). Nobody here knows which, so all count; 0/8 is the padding
/// of another.
fn by_local_translators(bytes: [u8; 16]) -> Vec<Ipv4Addr> {
    let [.., b6, b7, _, b9, b10, b11, b12, b13, b14, b15] = bytes;
    let readings = [[b6, b7, b9, b10], [b7, b9, b10, b11], [b9, b10, b11, b12], [b12, b13, b14, b15]];
    readings.into_iter().filter(|reading| reading[0] != 0).map(Ipv4Addr::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inner_is_known_in_every_form() {
        let own = ["192.0.2.7", "2001:db8::7"].map(|own| own.parse().expect(own));
        for (address, what) in [
            ("127.0.0.1", Some(Inner::Loopback)),
            ("127.255.3.4", Some(Inner::Loopback)),
            ("::1", Some(Inner::Loopback)),
            ("::ffff:127.0.0.1", Some(Inner::Loopback)),
            ("::127.0.0.1", Some(Inner::Loopback)),
            ("64:ff9b::7f00:1", Some(Inner::Loopback)),
            ("2002:7f00:1::1", Some(Inner::Loopback)),
            ("64:ff9b:1::7f00:1", Some(Inner::Loopback)),
            ("64:ff9b:1:5:7f:0:100:0", Some(Inner::Loopback)),
            ("64:ff9b:1:57f:0:100::", Some(Inner::Loopback)),
            ("64:ff9b:1:a9fe:a9:fe00::", Some(Inner::LinkLocal)),
            ("0.0.0.0", Some(Inner::Unspecified)),
            ("0.1.2.3", Some(Inner::Unspecified)),
            ("::", Some(Inner::Unspecified)),
            ("169.254.169.254", Some(Inner::LinkLocal)),
            ("::ffff:169.254.169.254", Some(Inner::LinkLocal)),
            ("64:ff9b::a9fe:a9fe", Some(Inner::LinkLocal)),
            ("fe80::1", Some(Inner::LinkLocal)),
            ("febf::1", Some(Inner::LinkLocal)),
            ("fd00:ec2::254", Some(Inner::Metadata)),
            ("fd20:ce::254", Some(Inner::Metadata)),
            ("168.63.129.16", Some(Inner::Metadata)),
            ("100.100.100.200", Some(Inner::Metadata)),
            ("224.0.0.1", Some(Inner::Group)),
            ("255.255.255.255", Some(Inner::Group)),
            ("ff02::1", Some(Inner::Group)),
            ("192.0.2.7", Some(Inner::Own)),
            ("::ffff:192.0.2.7", Some(Inner::Own)),
            ("64:ff9b::c000:207", Some(Inner::Own)),
            ("2001:db8::7", Some(Inner::Own)),
            // Private endpoints are hubs too.
            ("10.0.0.1", None),
            ("192.168.1.1", None),
            ("fd00::1", None),
            ("192.0.2.8", None),
            ("2001:db8::8", None),
            ("64:ff9b::c000:208", None),
            ("2002:c000:208::1", None),
            ("64:ff9b:1::c000:208", None),
        ] {
            assert_eq!(inner(address.parse().expect(address), &own), what, "{address}");
        }
    }

    #[test]
    fn the_first_that_is_inner_is_named() {
        let addresses = ["203.0.113.1", "127.0.0.1", "::1"].map(|address| address.parse().expect(address));
        assert_eq!(first_inner(&addresses), Some((addresses[1], Inner::Loopback)));
        assert_eq!(first_inner(&addresses[..1]), None);
    }
}
