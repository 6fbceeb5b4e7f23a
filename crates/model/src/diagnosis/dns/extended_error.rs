//! Names of extended DNS errors (RFC 8914, section 4, and IANA's list).

use super::super::text::clipped;
use crate::observation::ExtendedError;

/// `DNSSEC bogus`, or `extended error 77`, followed by the server's own text.
pub(in crate::diagnosis) fn described(error: &ExtendedError) -> String {
    let name = match name(error.code) {
        Some(name) => name.to_owned(),
        None => format!("extended error {}", error.code),
    };
    if error.text.is_empty() { name } else { format!("{name}: {}", clipped(&error.text)) }
}

/// Whether it says that DNSSEC validation fails.
pub(in crate::diagnosis) fn is_validation_failure(error: &ExtendedError) -> bool {
    (6..=12).contains(&error.code)
}

/// Whether it says that the name is filtered.
pub(in crate::diagnosis) fn is_filtering(error: &ExtendedError) -> bool {
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
