//! Name constraints (RFC 5280, section 4.2.1.10), as OpenSSL keeps them.

use crate::wire::x509::{Certificate, GeneralName, NameConstraints};

/// More comparisons than this are not made for one certificate.
const MAX_COMPARISONS: usize = 1 << 14;

/// Whether `certificate` keeps to `constraints`; `is_own` where it is the peer's own. `None` where that takes too much.
pub(super) fn are_kept(certificate: &Certificate<'_>, constraints: &NameConstraints<'_>, is_own: bool) -> Option<bool> {
    let alternatives = certificate.extensions.alternative_names.as_deref().unwrap_or_default();
    let emails: Vec<String> = certificate.subject.emails().collect();
    let has_dns = alternatives.iter().any(|name| matches!(name, GeneralName::Dns(_)));
    let common_names: Vec<String> = match is_own && !has_dns {
        true => certificate.subject.common_names().filter(|name| looks_like_dns(name)).collect(),
        false => Vec::new(),
    };
    let subject = (!certificate.subject.is_empty()).then_some(GeneralName::Directory(certificate.subject));
    let names = (subject.into_iter().chain(alternatives.iter().copied()))
        .chain(emails.iter().map(|email| GeneralName::Email(email.as_bytes())))
        .chain(common_names.iter().map(|name| GeneralName::Dns(name.as_bytes())));
    let bases = constraints.permitted.len() + constraints.excluded.len();
    let many = (alternatives.len() + emails.len() + common_names.len() + 1).saturating_mul(bases) > MAX_COMPARISONS;
    (!many).then(|| names.into_iter().all(|name| permits(constraints, &name)))
}

fn permits(constraints: &NameConstraints<'_>, name: &GeneralName<'_>) -> bool {
    let of_kind = |base: &&GeneralName<'_>| std::mem::discriminant(*base) == std::mem::discriminant(name);
    let mut permitted = constraints.permitted.iter().filter(of_kind).peekable();
    let mut excluded = constraints.excluded.iter().filter(of_kind);
    let is_permitted = permitted.peek().is_none() || permitted.any(|base| is_within(name, base) == Some(true));
    is_permitted && excluded.all(|base| is_within(name, base) == Some(false))
}

/// Whether a name is in the subtree of `base`, of the same kind; `None` where that cannot be told.
fn is_within(name: &GeneralName<'_>, base: &GeneralName<'_>) -> Option<bool> {
    match (name, base) {
        (GeneralName::Directory(name), GeneralName::Directory(base)) => Some(name.is_within(base)),
        (GeneralName::Dns(name), GeneralName::Dns(base)) => Some(dns_is_within(name, base)),
        (GeneralName::Ip(name), GeneralName::Ip(base)) => ip_is_within(name, base),
        (GeneralName::Email(name), GeneralName::Email(base)) => email_is_within(name, base),
        (GeneralName::Uri(name), GeneralName::Uri(base)) => Some(host_is_within(host_of(name)?, base)),
        _ => None,
    }
}

fn dns_is_within(name: &[u8], base: &[u8]) -> bool {
    let Some(labels) = name.len().checked_sub(base.len()) else { return false };
    let (before, end) = name.split_at(labels);
    let at_a_label = before.is_empty() || base.is_empty() || base.starts_with(b".") || before.ends_with(b".");
    at_a_label && end.eq_ignore_ascii_case(base)
}

/// `base` is an address and a mask.
fn ip_is_within(address: &[u8], base: &[u8]) -> Option<bool> {
    if !matches!(address.len(), 4 | 16) {
        return None;
    }
    let (network, mask) = base.split_at(base.len() / 2);
    let masked = |(address, (network, mask)): (&u8, (&u8, &u8))| (address ^ network) & mask == 0;
    Some(base.len() == 2 * address.len() && address.iter().zip(network.iter().zip(mask)).all(masked))
}

fn email_is_within(name: &[u8], base: &[u8]) -> Option<bool> {
    let split = |address: &[u8]| address.iter().rposition(|byte| *byte == b'@');
    let at = split(name)?;
    let (local, host) = (&name[..at], &name[at + 1..]);
    Some(match split(base) {
        Some(base_at) => (base_at == 0 || base[..base_at] == *local) && base[base_at + 1..].eq_ignore_ascii_case(host),
        None if base.starts_with(b".") => host_is_within(host, base),
        None => base.eq_ignore_ascii_case(host),
    })
}

/// A base that begins with a dot stands for all hosts below it, any other for one host.
fn host_is_within(host: &[u8], base: &[u8]) -> bool {
    match base.starts_with(b".") {
        true => host.len() > base.len() && host[host.len() - base.len()..].eq_ignore_ascii_case(base),
        false => host.eq_ignore_ascii_case(base),
    }
}

fn host_of(uri: &[u8]) -> Option<&[u8]> {
    let scheme = uri.iter().position(|byte| *byte == b':')?;
    let rest = uri[scheme + 1..].strip_prefix(b"//")?;
    let end = rest.iter().position(|byte| matches!(byte, b':' | b'/')).unwrap_or(rest.len());
    Some(&rest[..end]).filter(|host| !host.is_empty())
}

/// Whether a common name is taken for a host's: labels of letters, digits, hyphens and underscores, at least two.
fn looks_like_dns(name: &str) -> bool {
    let is_label = |label: &str| {
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        !label.is_empty() && label.bytes().all(inner) && !label.starts_with('-') && !label.ends_with('-')
    };
    name.contains('.') && name.strip_prefix("*.").unwrap_or(name).split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_within_their_subtrees() {
        use GeneralName::{Dns, Email, Ip, Uri};
        for (name, base, within) in [
            (Dns(b"hub.example.com"), Dns(b"example.com"), Some(true)),
            (Dns(b"hub.example.com"), Dns(b".example.com"), Some(true)),
            (Dns(b"example.com"), Dns(b".example.com"), Some(false)),
            (Dns(b"badexample.com"), Dns(b"example.com"), Some(false)),
            (Dns(b"hub.example.com"), Dns(b""), Some(true)),
            (Ip(&[10, 1, 2, 3]), Ip(&[10, 0, 0, 0, 255, 0, 0, 0]), Some(true)),
            (Ip(&[11, 1, 2, 3]), Ip(&[10, 0, 0, 0, 255, 0, 0, 0]), Some(false)),
            (Ip(&[0; 16]), Ip(&[10, 0, 0, 0, 255, 0, 0, 0]), Some(false)),
            (Ip(&[10]), Ip(&[10, 0, 0, 0, 255, 0, 0, 0]), None),
            (Email(b"a@hub.example"), Email(b"hub.example"), Some(true)),
            (Email(b"a@x.hub.example"), Email(b".hub.example"), Some(true)),
            (Email(b"a@hub.example"), Email(b"b@hub.example"), Some(false)),
            (Email(b"nobody"), Email(b"hub.example"), None),
            (Uri(b"https://hub.example:8443/x"), Uri(b"hub.example"), Some(true)),
            (Uri(b"https://a.hub.example"), Uri(b".hub.example"), Some(true)),
            (Uri(b"urn:x"), Uri(b"hub.example"), None),
            (Dns(b"hub"), Ip(&[1, 2]), None),
        ] {
            assert_eq!(is_within(&name, &base), within, "{name:?} {base:?}");
        }
    }

    #[test]
    fn what_is_neither_permitted_nor_excluded_passes() {
        let dns = |names: &[&'static str]| names.iter().map(|name| GeneralName::Dns(name.as_bytes())).collect();
        let constraints = NameConstraints { permitted: dns(&["example.com"]), excluded: dns(&["bad.example.com"]) };
        for (name, passes) in [
            (GeneralName::Dns(b"hub.example.com"), true),
            (GeneralName::Dns(b"x.bad.example.com"), false),
            (GeneralName::Dns(b"hub.example.net"), false),
            (GeneralName::Ip(&[10, 1, 2, 3]), true),
        ] {
            assert_eq!(permits(&constraints, &name), passes, "{name:?}");
        }
    }
}
