//! HTTP in clear on a TLS port.

use crate::observation::FirstBytes;

/// The status made for portals (RFC 6585, section 6): a foreign answer that names itself.
pub(super) const NETWORK_AUTHENTICATION_REQUIRED: u16 = 511;

/// The status of an HTTP/1.x answer in clear; a bare page counts as 200.
pub(super) fn clear_http(first_bytes: &FirstBytes) -> Option<u16> {
    if !first_bytes.look_like_http() {
        return None;
    }
    let text = first_bytes.readable();
    match text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("HTTP/")) {
        true => text.split_ascii_whitespace().nth(1).and_then(|status| status.get(..3)?.parse().ok()),
        false => Some(200),
    }
}

/// Whether an answer in clear on a TLS port sends to somewhere else than the hub, or names itself a portal's.
pub(super) fn sends_elsewhere(first_bytes: &FirstBytes, host: &str) -> bool {
    match clear_http(first_bytes) {
        Some(NETWORK_AUTHENTICATION_REQUIRED) => true,
        Some(300..=399) => !sends_to_https(first_bytes, host),
        _ => false,
    }
}

pub(super) fn sends_to_https(first_bytes: &FirstBytes, host: &str) -> bool {
    first_bytes.readable().to_ascii_lowercase().contains(&format!("location: https://{}", host.to_ascii_lowercase()))
}
