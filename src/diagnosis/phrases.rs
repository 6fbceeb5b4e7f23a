//! Parts of sentences that several causes say.

use std::net::IpAddr;

use super::{Location, NextHop, scene::Scene, text::clipped};
use crate::observation::{HttpResponse, Identity};

/// How far the peer is known to be the hub, as the end of a sentence.
pub(super) fn identity(scene: Scene<'_>) -> &'static str {
    match scene.identity() {
        Some(Identity::Proven) => "inside TLS that proves the hub",
        Some(Identity::Trusted) => "inside TLS that this device trusts (the hub's own roots are not known)",
        Some(Identity::Intercepted) => "inside intercepted TLS",
        Some(Identity::UntrustedHere) => "inside the hub's genuine TLS, which this device does not trust",
        _ => "inside TLS that proves nobody",
    }
}

/// The status of an HTTP answer, and the headers by which gateways give themselves away.
pub(super) fn answer(status: u16, response: Option<&HttpResponse>) -> String {
    let telling = ["server", "via", "x-cache", "location", "iothub-errorcode"].into_iter().filter_map(|name| {
        let value = response?.header(name)?;
        Some(format!("{name}: {}", clipped(value)))
    });
    let telling: Vec<String> = telling.collect();
    if telling.is_empty() { format!("HTTP {status}") } else { format!("HTTP {status} ({})", telling.join("; ")) }
}

/// A place for the line of a check: `hop 2 (10.20.0.1) or right behind it`.
pub(super) fn place(location: &Location) -> String {
    let Location { hop, address, next, .. } = location;
    let here = match (hop, address) {
        (0, _) => "this machine".to_owned(),
        (hop, Some(address)) => format!("hop {hop} ({address})"),
        (hop, None) => format!("hop {hop}"),
    };
    match next {
        None => here,
        Some(next) if next.hop == hop.saturating_add(1) => format!("{here} or right behind it"),
        Some(next) => format!("{here} or behind it, up to hop {}", next.hop),
    }
}

/// Whose rules are to be looked at: `10.20.0.1 (hop 2) or the device behind it, 10.9.0.7 (hop 3)`.
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

/// No more place than several hubs agree on: `10.20.0.1 or a device behind it`.
pub(super) fn behind(location: &Location, or_behind: bool) -> String {
    let here = match (location.hop, location.address) {
        (_, Some(address)) => address.to_string(),
        (0, None) => "this machine".to_owned(),
        (hop, None) => device(hop, None),
    };
    if or_behind { format!("{here} or a device behind it") } else { here }
}
