//! HTTP in clear on a TLS port.

use crate::observation::FirstBytes;

/// The status for portals (RFC 6585, section 6): only a portal sends it.
pub(super) const NETWORK_AUTHENTICATION_REQUIRED: u16 = 511;

/// The status of an HTTP/1.x answer in clear text; a bare page counts as 200.
pub(super) fn http_status_in_clear(first_bytes: &FirstBytes) -> Option<u16> {
    if !first_bytes.look_like_http() {
        return None;
    }
    let text = first_bytes.readable();
    match text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("HTTP/")) {
        true => text.split_ascii_whitespace().nth(1).and_then(|status| status.get(..3)?.parse().ok()),
        false => Some(200),
    }
}

/// Whether an answer in clear text on a TLS port redirects elsewhere, or has the status for portals.
pub(super) fn redirects_elsewhere(first_bytes: &FirstBytes, host: &str) -> bool {
    match http_status_in_clear(first_bytes) {
        Some(NETWORK_AUTHENTICATION_REQUIRED) => true,
        Some(300..=399) => !redirects_to_https(first_bytes, host),
        _ => false,
    }
}

pub(super) fn redirects_to_https(first_bytes: &FirstBytes, host: &str) -> bool {
    first_bytes.readable().to_ascii_lowercase().contains(&format!("location: https://{}", host.to_ascii_lowercase()))
}
