//! IPv4 and IPv6.

use std::net::IpAddr;

/// The address families to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Families {
    /// IPv4 and IPv6.
    #[default]
    Both,
    /// IPv4 alone.
    V4,
    /// IPv6 alone.
    V6,
}

impl Families {
    /// Whether `address` is to be tried.
    pub fn include(self, address: IpAddr) -> bool {
        match self {
            Self::Both => true,
            Self::V4 => address.is_ipv4(),
            Self::V6 => address.is_ipv6(),
        }
    }

    /// Whether any of `addresses` is to be tried.
    pub fn include_any(self, addresses: &[IpAddr]) -> bool {
        addresses.iter().any(|address| self.include(*address))
    }
}
