//! Sentence parts that several causes share.

use std::net::IpAddr;

use super::{Location, NextHop};
use crate::observation::Identity;

/// How far the peer is known to be the hub, as the end of a sentence.
pub(super) fn identity(identity: Option<Identity>) -> &'static str {
    match identity {
        Some(Identity::Proven) => "inside TLS that proves the hub",
        Some(Identity::Trusted) => "inside TLS that this device trusts (the hub's own roots are not known)",
        Some(Identity::Intercepted) => "inside intercepted TLS",
        Some(Identity::UntrustedHere) => "inside the hub's genuine TLS, which this device does not trust",
        _ => "inside TLS that proves nobody",
    }
}

/// A location for a check's line: `hop 2 (10.20.0.1) or right behind it`.
pub(super) fn located(location: &Location) -> String {
    located_with(location, |_| String::new(), None)
}

/// Everything that is known of a location: `hop 2 of 9 (10.20.0.1) or right behind it (10.9.0.7)`. The packets are
/// stopped by the last router that answered, or by the next device; no text says more.
pub(crate) fn located_in_full(location: &Location) -> String {
    located_with(location, in_brackets, location.of)
}

fn located_with(location: &Location, next_address: fn(Option<IpAddr>) -> String, of: Option<u8>) -> String {
    let of = of.map(|of| format!(" of {of}")).unwrap_or_default();
    let here = match location.hop {
        0 => "this machine".to_owned(),
        hop => format!("hop {hop}{of}{}", in_brackets(location.address)),
    };
    match &location.next {
        None => here,
        Some(next) if next.hop == location.hop.saturating_add(1) => {
            format!("{here} or right behind it{}", next_address(next.address))
        }
        Some(next) => format!("{here} or behind it, up to hop {}{}", next.hop, next_address(next.address)),
    }
}

fn in_brackets(address: Option<IpAddr>) -> String {
    address.map(|address| format!(" ({address})")).unwrap_or_default()
}

/// The devices whose rules to look at: `10.20.0.1 (hop 2) or the device behind it, 10.9.0.7 (hop 3)`.
pub(super) fn devices(location: &Location) -> String {
    let Location { hop, address, next, .. } = location;
    let here = if *hop == 0 { "this machine".to_owned() } else { device(*hop, *address) };
    match next {
        None => here,
        Some(NextHop { hop: behind, address }) if *behind == hop.saturating_add(1) => {
            format!("{here} or the device behind it, {}", device(*behind, *address))
        }
        Some(NextHop { hop: behind, address }) => {
            format!("{here}, {} or a device between them", device(*behind, *address))
        }
    }
}

fn device(hop: u8, address: Option<IpAddr>) -> String {
    match address {
        Some(address) => format!("{address} (hop {hop})"),
        None => format!("the router at hop {hop}"),
    }
}

/// No more precise than several hubs agree on: `10.20.0.1 or a device behind it`.
pub(super) fn behind(location: &Location, or_behind: bool) -> String {
    let here = match (location.hop, location.address) {
        (_, Some(address)) => address.to_string(),
        (0, None) => "this machine".to_owned(),
        (hop, None) => device(hop, None),
    };
    if or_behind { format!("{here} or a device behind it") } else { here }
}
