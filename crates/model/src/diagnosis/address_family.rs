//! IPv4 and IPv6.

use std::net::IpAddr;

use crate::enum_words;

enum_words! {
    pub(crate) enum Family {
        V4 = "IPv4",
        V6 = "IPv6",
    }
}

impl Family {
    pub(super) fn of(address: IpAddr) -> Self {
        if address.is_ipv6() { Self::V6 } else { Self::V4 }
    }

    pub(super) fn other(self) -> Self {
        match self {
            Self::V4 => Self::V6,
            Self::V6 => Self::V4,
        }
    }
}
