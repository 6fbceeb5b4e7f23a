//! IPv6 addresses that contain an IPv4 address: an address from DNS64 is the same as the address in it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The well-known prefix (RFC 6052, section 2.1).
const WELL_KNOWN_PREFIX: Prefix = Prefix { network: Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), length: 96 };
/// The lengths that a prefix may have (RFC 6052, section 2.2).
const LENGTHS: [u8; 6] = [96, 64, 56, 48, 40, 32];

/// The NAT64 prefixes of a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Nat64(Vec<Prefix>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Prefix {
    network: Ipv6Addr,
    length: u8,
}

impl Nat64 {
    /// From the IPv6 addresses of `ipv4only.arpa`, whose IPv4 addresses are `known` (RFC 7050).
    pub(super) fn shown_by(made_up: impl Iterator<Item = IpAddr>, known: &[Ipv4Addr]) -> Self {
        let prefixes = made_up.filter_map(|address| match address {
            IpAddr::V6(v6) => {
                let length = LENGTHS.into_iter().find(|length| known.contains(&embedded(v6, *length)))?;
                Some(Prefix { network: masked(v6, length), length })
            }
            IpAddr::V4(_) => None,
        });
        let mut all = vec![WELL_KNOWN_PREFIX];
        all.extend(prefixes);
        Self(all)
    }

    /// The IPv4 address in `address`, or `address` itself.
    pub(super) fn original(&self, address: IpAddr) -> IpAddr {
        let IpAddr::V6(v6) = address else { return address };
        if let Some(v4) = v6.to_ipv4_mapped() {
            return v4.into();
        }
        let prefix = self.0.iter().find(|prefix| masked(v6, prefix.length) == prefix.network);
        prefix.map_or(address, |prefix| embedded(v6, prefix.length).into())
    }
}

/// Whether `address` has the well-known prefix.
pub(in crate::diagnosis) fn is_well_known_nat64(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(v6) if masked(v6, WELL_KNOWN_PREFIX.length) == WELL_KNOWN_PREFIX.network)
}

fn masked(address: Ipv6Addr, length: u8) -> Ipv6Addr {
    Ipv6Addr::from_bits(address.to_bits() & !(u128::MAX >> length))
}

/// The IPv4 address after a prefix; octet 8 is skipped (RFC 6052, section 2.2).
fn embedded(address: Ipv6Addr, length: u8) -> Ipv4Addr {
    let octets = address.octets();
    let mut behind = (usize::from(length) / 8..16).filter(|at| *at != 8 || length == 96);
    Ipv4Addr::from([0; 4].map(|_: u8| behind.next().map_or(0, |at| octets[at])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    /// The examples of RFC 6052, section 2.4.
    #[test]
    fn addresses_are_read_behind_prefixes_of_every_length() {
        let known = Ipv4Addr::new(192, 0, 2, 33);
        for made_up in [
            "2001:db8:c000:221::",
            "2001:db8:1c0:2:21::",
            "2001:db8:122:c000:2:2100::",
            "2001:db8:122:3c0:0:221::",
            "2001:db8:122:344:c0:2:2100:0",
            "2001:db8:122:344::192.0.2.33",
            "64:ff9b::192.0.2.33",
        ] {
            let shown = Nat64::shown_by([address(made_up)].into_iter(), &[known]);
            assert_eq!(shown.original(address(made_up)), IpAddr::V4(known), "{made_up}");
        }
    }

    #[test]
    fn other_addresses_stand_for_themselves() {
        let shown =
            Nat64::shown_by([address("2001:db8:122:344::c000:aa")].into_iter(), &[Ipv4Addr::new(192, 0, 0, 170)]);
        assert_eq!(shown.original(address("2001:db8:122:344::10.0.0.1")), address("10.0.0.1"));
        assert_eq!(shown.original(address("2001:db8:122:345::1")), address("2001:db8:122:345::1"));
        assert_eq!(shown.original(address("::ffff:10.0.0.1")), address("10.0.0.1"));
        assert_eq!(shown.original(address("10.0.0.1")), address("10.0.0.1"));
    }
}
