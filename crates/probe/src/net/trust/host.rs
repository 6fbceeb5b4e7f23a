//! Whether a certificate is for a name, as OpenSSL compares them with its default settings.

use rustls::pki_types::{IpAddr, ServerName};

use crate::{
    observation::NameMatch,
    wire::x509::{Certificate, GeneralName},
};

/// How `certificate` is for `name`; `None` where it is not.
pub(super) fn matched(certificate: &Certificate<'_>, name: &ServerName<'_>) -> Option<NameMatch> {
    let alternatives = certificate.extensions.alternative_names.as_deref().unwrap_or_default();
    match name {
        ServerName::DnsName(name) => {
            let mut dns = alternatives.iter().filter_map(|name| match name {
                GeneralName::Dns(bytes) => Some(*bytes),
                _ => None,
            });
            let mut dns = dns.by_ref().peekable();
            if dns.peek().is_some() {
                return dns.find_map(|pattern| matches(pattern, name.as_ref().as_bytes()));
            }
            // The common name is asked only where there is no DNS name at all.
            let mut common = certificate.subject.common_names();
            common
                .find_map(|pattern| matches(pattern.as_bytes(), name.as_ref().as_bytes()))
                .map(|_| NameMatch::CommonName)
        }
        ServerName::IpAddress(address) => {
            let bytes: &[u8] = match address {
                IpAddr::V4(address) => address.as_ref(),
                IpAddr::V6(address) => address.as_ref(),
            };
            alternatives.contains(&GeneralName::Ip(bytes)).then_some(NameMatch::IpAddress)
        }
        _ => None,
    }
}

fn matches(pattern: &[u8], name: &[u8]) -> Option<NameMatch> {
    let Some(star) = wildcard(pattern) else {
        return (!pattern.is_empty() && pattern.eq_ignore_ascii_case(name)).then_some(NameMatch::Exact);
    };
    let (before, after) = (&pattern[..star], &pattern[star + 1..]);
    let matched = name.get(before.len()..name.len().checked_sub(after.len())?)?;
    let is_whole_label = before.is_empty() && after.starts_with(b".");
    let around = name[..before.len()].eq_ignore_ascii_case(before)
        && name[before.len() + matched.len()..].eq_ignore_ascii_case(after);
    let is_label = matched.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    // A star that is a whole label stands for at least one character, any other for none of an internationalised label.
    let permitted = if is_whole_label { !matched.is_empty() } else { !starts_idna(&name[before.len()..]) };
    (around && is_label && permitted).then_some(if is_whole_label {
        NameMatch::Wildcard
    } else {
        NameMatch::PartialWildcard
    })
}

/// Where the star stands in a pattern that may have one: at the start or end of the first label, which is not
/// internationalised, and with two more labels behind it.
fn wildcard(pattern: &[u8]) -> Option<usize> {
    let labels: Vec<&[u8]> = pattern.split(|byte| *byte == b'.').collect();
    let (first, others) = labels.split_first()?;
    let star = first.iter().position(|byte| *byte == b'*')?;
    let at_an_end = star == 0 || star == first.len() - 1;
    let is_plain = |label: &[u8]| label.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    let is_sound =
        |label: &&[u8]| !label.is_empty() && is_plain(label) && !label.starts_with(b"-") && !label.ends_with(b"-");
    let (before, after) = (&first[..star], &first[star + 1..]);
    let hyphens = before.starts_with(b"-") || before.ends_with(b"-") || after.ends_with(b"-");
    let beside = is_plain(before) && is_plain(after) && !hyphens;
    (at_an_end && beside && !starts_idna(first) && others.len() >= 2 && others.iter().all(is_sound)).then_some(star)
}

/// Whether it begins as an internationalised label does (RFC 5890).
fn starts_idna(label: &[u8]) -> bool {
    label.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"xn--"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_openssl() {
        use NameMatch::{Exact, PartialWildcard, Wildcard};
        for (pattern, name, expected) in [
            ("hub.example.com", "HUB.example.com", Some(Exact)),
            ("hub.example.com.", "hub.example.com", None),
            ("*.example.com", "hub.example.com", Some(Wildcard)),
            ("*.example.com", "a.hub.example.com", None),
            ("*.example.com", ".example.com", None),
            ("*.example.com", "example.com", None),
            ("*.com", "example.com", None),
            ("*.com", "*.com", Some(Exact)),
            ("hub*.example.com", "hub1.example.com", Some(PartialWildcard)),
            ("hub*.example.com", "hub.example.com", Some(PartialWildcard)),
            ("*hub.example.com", "my-hub.example.com", Some(PartialWildcard)),
            ("h*b.example.com", "hub.example.com", None),
            ("**.example.com", "hub.example.com", None),
            ("a.*.example.com", "a.hub.example.com", None),
            ("xn--*.example.com", "xn--abc.example.com", None),
            ("*.example.com", "xn--abc.example.com", Some(Wildcard)),
            ("*a.example.com", "xn--a.example.com", None),
            ("hub-*.example.com", "hub-1.example.com", None),
            ("", "", None),
            ("*", "hub", None),
        ] {
            assert_eq!(matches(pattern.as_bytes(), name.as_bytes()), expected, "{pattern} {name}");
        }
    }
}
