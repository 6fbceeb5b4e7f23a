//! What names and masks of interfaces tell.

use std::net::IpAddr;

/// The kind of an interface in the words of a report, by the name that macOS gives it; empty where that tells nothing.
/// Radios and cables are both `en`.
pub(super) fn kind(name: &str) -> &'static str {
    match name.trim_end_matches(|letter: char| letter.is_ascii_digit()) {
        "en" => "ethernet",
        "utun" | "ipsec" | "tun" => "tun",
        "gif" => "ipip",
        "stf" => "sit",
        "ppp" => "ppp",
        "pdp_ip" => "wwan",
        "bridge" => "bridge",
        "vlan" => "vlan",
        "bond" => "bond",
        _ => "",
    }
}

/// The length of the prefix that a mask stands for.
pub(super) fn prefix(mask: IpAddr) -> u8 {
    let ones = match mask {
        IpAddr::V4(mask) => mask.to_bits().leading_ones(),
        IpAddr::V6(mask) => mask.to_bits().leading_ones(),
    };
    u8::try_from(ones).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn names_tell_tunnels_from_cables() {
        for (name, expected) in [("en0", "ethernet"), ("utun3", "tun"), ("bridge100", "bridge"), ("awdl0", "")] {
            assert_eq!(kind(name), expected, "{name}");
        }
    }

    #[test]
    fn masks_are_prefixes() {
        for (mask, expected) in [("255.255.255.0", 24), ("255.255.255.255", 32), ("0.0.0.0", 0), ("ffff:ffff::", 32)] {
            assert_eq!(prefix(ip(mask)), expected, "{mask}");
        }
    }
}
