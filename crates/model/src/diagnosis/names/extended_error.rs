//! Extended DNS errors by their names (RFC 8914, section 4, and IANA's list).

use super::super::text::clipped;
use crate::observation::ExtendedError;

/// `DNSSEC bogus`, or `extended error 77`, with the server's own words behind it.
pub(in crate::diagnosis) fn named(error: &ExtendedError) -> String {
    let name = match name(error.code) {
        Some(name) => name.to_owned(),
        None => format!("extended error {}", error.code),
    };
    if error.text.is_empty() { name } else { format!("{name}: {}", clipped(&error.text)) }
}

/// Whether it says that DNSSEC validation fails.
pub(in crate::diagnosis) fn is_of_validation(error: &ExtendedError) -> bool {
    (6..=12).contains(&error.code)
}

/// Whether it says that the name is kept from this client on purpose.
pub(in crate::diagnosis) fn is_of_a_filter(error: &ExtendedError) -> bool {
    matches!(error.code, 15..=17)
}

fn name(code: u16) -> Option<&'static str> {
    const NAMES: [&str; 25] = [
        "another error",
        "unsupported DNSKEY algorithm",
        "unsupported DS digest",
        "stale answer",
        "forged answer",
        "DNSSEC indeterminate",
        "DNSSEC bogus",
        "DNSSEC signature expired",
        "DNSSEC signature not valid yet",
        "DNSKEY missing",
        "DNSSEC signatures missing",
        "no zone key",
        "NSEC missing",
        "cached error",
        "server not ready",
        "blocked",
        "censored",
        "filtered",
        "prohibited",
        "stale NXDOMAIN",
        "not authoritative",
        "not supported",
        "no reachable authority",
        "network error",
        "invalid data",
    ];
    NAMES.get(usize::from(code)).copied()
}
