//! One entry of a list of exceptions: which hosts it exempts from the proxy.

use std::net::IpAddr;

use crate::hub::HubHost;

/// Whether an entry of `NO_PROXY` exempts `host` at `port`.
pub(super) fn is_exempt(entry: &str, host: &HubHost, port: u16) -> bool {
    let (entry, at) = without_port(entry);
    if at.is_some_and(|at| at != Some(port)) {
        return false;
    }
    match host {
        _ if entry == "*" => true,
        HubHost::Ip(ip) => is_network_of(entry, *ip),
        HubHost::Name(name) => is_domain_of(entry, name),
    }
}

/// Whether an entry of a system's settings exempts `host`: a pattern with `*` anywhere, or `<local>` for names without a
/// dot. A bare name is that host alone.
pub(super) fn is_exempt_by_pattern(entry: &str, host: &HubHost, port: u16) -> bool {
    let (entry, at) = without_port(entry);
    if at.is_some_and(|at| at != Some(port)) {
        return false;
    }
    match host {
        HubHost::Name(name) if entry.eq_ignore_ascii_case("<local>") => !name.contains('.'),
        HubHost::Ip(ip) if is_network_of(entry, *ip) => true,
        host => is_like(entry, &host.to_string()),
    }
}

/// The entry, and the port after it: `None` if there is none, `Some(None)` if it is not a number.
fn without_port(entry: &str) -> (&str, Option<Option<u16>>) {
    let (host, rest) = match entry.strip_prefix('[').and_then(|literal| literal.split_once(']')) {
        Some((literal, rest)) => (literal, rest),
        None if entry.matches(':').count() == 1 => entry.split_at(entry.find(':').unwrap_or(entry.len())),
        None => (entry, ""),
    };
    match rest {
        "" => (host, None),
        // A network in brackets: `[2001:db8::]/32`.
        _ if rest.starts_with('/') => (entry, None),
        _ => (host, Some(rest.strip_prefix(':').and_then(number).and_then(|port| u16::try_from(port).ok()))),
    }
}

/// A port, or the length of a prefix: digits alone.
fn number(text: &str) -> Option<u32> {
    let is_number = text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// Whether `entry` is the address, or a network (`10.0.0.0/8`) that it lies in.
fn is_network_of(entry: &str, ip: IpAddr) -> bool {
    let (address, bits) = match entry.split_once('/') {
        Some((address, bits)) => match number(bits) {
            Some(bits) => (address, Some(bits)),
            None => return false,
        },
        None => (entry, None),
    };
    let address = address.strip_prefix('[').and_then(|literal| literal.strip_suffix(']')).unwrap_or(address);
    match (address.parse(), ip) {
        (Ok(IpAddr::V4(network)), IpAddr::V4(ip)) => {
            let bits = bits.unwrap_or(32);
            let differing = u32::from(network) ^ u32::from(ip);
            bits <= 32 && differing.checked_shr(32 - bits).unwrap_or(0) == 0
        }
        (Ok(IpAddr::V6(network)), IpAddr::V6(ip)) => {
            let bits = bits.unwrap_or(128);
            let differing = u128::from(network) ^ u128::from(ip);
            bits <= 128 && differing.checked_shr(128 - bits).unwrap_or(0) == 0
        }
        _ => false,
    }
}

/// Whether `name` is the domain `entry` or lies in it. `*.example.com` stands for names in the domain alone.
fn is_domain_of(entry: &str, name: &str) -> bool {
    let (domain, is_below_only) = match entry.strip_prefix("*.") {
        Some(domain) => (domain, true),
        None => (entry.strip_prefix('.').unwrap_or(entry), false),
    };
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    if domain.is_empty() || domain.starts_with('.') {
        return false;
    }
    let Some(own) = name.len().checked_sub(domain.len()) else { return false };
    // A name is ASCII; a domain that is not never equals its end.
    let (before, end) = name.as_bytes().split_at(own);
    let is_its_end = end.eq_ignore_ascii_case(domain.as_bytes());
    is_its_end && if before.is_empty() { !is_below_only } else { before.ends_with(b".") }
}

/// Whether `text` is like `pattern`, in which `*` stands for any characters.
fn is_like(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.trim_end_matches('.').to_ascii_lowercase(), text.to_ascii_lowercase());
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    let Some(inner) = text.strip_prefix(start).and_then(|text| text.strip_suffix(end)) else { return false };
    // The first place of each part leaves the most for the next.
    let mut left = inner;
    middle.split('*').all(|part| match left.find(part) {
        Some(at) => {
            left = &left[at + part.len()..];
            true
        }
        None => false,
    })
}
