//! A name in a certificate that is close to the name that was asked for: perhaps the one that was meant.

use serde::Serialize;

use super::{scope::Scope, text::clipped};

/// In which way it is close.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum NearName {
    /// A wildcard stands for one label (RFC 9525, section 6.3), and the name has more or none in its place.
    Wildcard(String),
    /// It has one label less in front, such as `www`, or one more.
    Prefix(String),
    /// One label differs by a letter or two.
    Typo(String),
}

impl NearName {
    /// What to do.
    pub(super) fn advice(&self, scope: &Scope) -> String {
        let host = scope.host();
        match self {
            Self::Wildcard(name) => format!(
                "{name} covers one label in place of the asterisk, neither more nor none, so not {host}: give the hub's name as its \
                 owner writes it, or have {host} added to the certificate."
            ),
            Self::Prefix(name) | Self::Typo(name) => format!(
                "Did you mean {name}? The certificate is for it. If {host} is right, its owner must add it to the certificate."
            ),
        }
    }
}

/// The closest of `names`, if any is close.
pub(super) fn nearest(host: &str, names: &[String]) -> Option<NearName> {
    let host = host.to_ascii_lowercase();
    let names = || names.iter().map(|name| (clipped(name), name.to_ascii_lowercase()));
    let first = |near: fn(&str, &str) -> bool| names().find(|(_, name)| near(&host, name)).map(|(shown, _)| shown);
    let wildcard = first(|host, name| name.strip_prefix("*.").is_some_and(|zone| is_zone_or_deeper(host, zone)));
    let prefix = || first(|host, name| is_subdomain(host, name) || is_subdomain(name, host)).map(NearName::Prefix);
    let typo = || first(is_misspelt).map(NearName::Typo);
    wildcard.map(NearName::Wildcard).or_else(prefix).or_else(typo)
}

/// Whether `host` is `zone`, or has more than one label before it.
fn is_zone_or_deeper(host: &str, zone: &str) -> bool {
    zone.contains('.') && (host == zone || host.strip_suffix(zone).is_some_and(|rest| rest.matches('.').count() > 1))
}

/// Whether `below` is `name` with one more label in front. A name of two labels is usually a public zone, so it does
/// not count.
fn is_subdomain(below: &str, name: &str) -> bool {
    if below.strip_prefix("www.") == Some(name) {
        return true;
    }
    let rest = below.strip_suffix(name).and_then(|rest| rest.strip_suffix('.'));
    name.matches('.').count() > 1 && rest.is_some_and(|label| !label.is_empty() && !label.contains(['.', '*']))
}

/// Whether all labels are equal except one, which differs by so few letters that it may be a typing error.
fn is_misspelt(host: &str, name: &str) -> bool {
    let labels = |name: &str| name.split('.').map(str::to_owned).collect::<Vec<_>>();
    let (own, other) = (labels(host), labels(name));
    let mut different = own.iter().zip(&other).filter(|(one, other)| one != other);
    match (own.len() == other.len(), different.next(), different.next()) {
        (true, Some((one, other)), None) => !other.contains('*') && is_typo(one, other),
        _ => false,
    }
}

/// One letter is replaced, missing or added, or two are swapped. Digits do not count: `hub1` and `hub2` are different
/// hubs.
fn is_typo(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let start = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    let (one, other) = (&one[start..], &other[start..]);
    let end = one.iter().rev().zip(other.iter().rev()).take_while(|(one, other)| one == other).count();
    let (one, other) = (&one[..one.len() - end], &other[..other.len() - end]);
    let is_numbered = one.iter().chain(other).any(u8::is_ascii_digit);
    let changed_places = matches!((one, other), ([a, b], [c, d]) if a == d && b == c);
    !is_numbered && (one.len().max(other.len()) <= 1 || changed_places)
}

#[cfg(test)]
mod tests {
    use super::{NearName, nearest};

    #[test]
    fn what_was_meant_is_found_and_nothing_else() {
        let wildcard = |name: &str| Some(NearName::Wildcard(name.to_owned()));
        let prefix = |name: &str| Some(NearName::Prefix(name.to_owned()));
        let typo = |name: &str| Some(NearName::Typo(name.to_owned()));
        for (host, name, near) in [
            ("a.b.azure-devices.net", "*.azure-devices.net", wildcard("*.azure-devices.net")),
            ("azure-devices.net", "*.azure-devices.net", wildcard("*.azure-devices.net")),
            ("a.azure-devices.net", "*.net", None),
            ("broker.site.example", "www.broker.site.example", prefix("www.broker.site.example")),
            ("www.broker.site.example", "broker.site.example", prefix("broker.site.example")),
            ("broker.example", "www.broker.example", prefix("www.broker.example")),
            ("broker.example", "mqtt.broker.example", None),
            ("contosso.azure-devices.net", "contoso.azure-devices.net", typo("contoso.azure-devices.net")),
            ("cotnoso.azure-devices.net", "contoso.azure-devices.net", typo("contoso.azure-devices.net")),
            ("contoso.azure-device.net", "contoso.azure-devices.net", typo("contoso.azure-devices.net")),
            ("hub1.example.net", "hub2.example.net", None),
            ("fabrikam.azure-devices.net", "contoso.azure-devices.net", None),
            ("mqtt.example.net", "portal.example.org", None),
        ] {
            assert_eq!(nearest(host, &[name.to_owned()]), near, "{host} {name}");
        }
    }
}
