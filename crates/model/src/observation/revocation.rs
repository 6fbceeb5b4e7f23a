//! The servers that a device asks for revocation, as a chain names them.

use serde::{Deserialize, Serialize};

use super::{Identity, TlsEvidence};
use crate::hub::HubHost;

/// More addresses than real hubs' chains name. A chain may name any number.
pub const MOST_REVOCATION_ADDRESSES: usize = 6;

/// The default port of `http` URLs (RFC 9110, section 4.2.1).
const HTTP_PORT: u16 = 80;

/// A source of revocation information.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RevocationService {
    /// A revocation list (RFC 5280, section 4.2.1.13).
    Crl,
    /// A responder for single certificates (RFC 6960).
    Ocsp,
}

/// The location of one of these, in clear HTTP: host and port, and the path of the first URL for it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RevocationAddress {
    /// The host.
    pub host: HubHost,
    /// The TCP port.
    pub port: u16,
    /// With its leading slash, without a query, as that would be a request of its own.
    pub path: String,
    /// The services there, each once.
    pub services: Vec<RevocationService>,
}

impl RevocationAddress {
    /// The target of a URL. `None` if it is not an `http` URL (directories use LDAP, in their own networks).
    pub fn of(url: &str, service: RevocationService) -> Option<Self> {
        const SCHEME: &str = "http://";
        let rest = url.get(..SCHEME.len()).filter(|scheme| scheme.eq_ignore_ascii_case(SCHEME)).map(|_| &url[7..])?;
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let port = match authority.rsplit_once(':') {
            Some((host, port)) if !host.starts_with('[') || host.ends_with(']') => port.parse().ok()?,
            _ => HTTP_PORT,
        };
        let path = path.split(['?', '#']).next().unwrap_or_default();
        // It becomes part of a request: a peer must not inject lines into it.
        let is_plain = path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic());
        let path = if is_plain { path } else { "/" }.to_owned();
        let host = HubHost::parse(authority).ok()?;
        (port != 0).then_some(Self { host, port, path, services: vec![service] })
    }
}

/// The revocation servers for the chains of `shown`: for every certificate on the path below the root, of peers that
/// the device accepts without doubt. Nothing vouches for certificates off the path.
pub fn revocation_addresses<'a>(shown: impl IntoIterator<Item = &'a TlsEvidence>) -> Vec<RevocationAddress> {
    let mut found: Vec<RevocationAddress> = Vec::new();
    for address in shown.into_iter().flat_map(of_chain) {
        let same = |known: &&mut RevocationAddress| known.host == address.host && known.port == address.port;
        if let Some(known) = found.iter_mut().find(same) {
            let new = address.services.into_iter().find(|service| !known.services.contains(service));
            known.services.extend(new);
        } else if found.len() < MOST_REVOCATION_ADDRESSES {
            found.push(address);
        }
    }
    found
}

fn of_chain(tls: &TlsEvidence) -> impl Iterator<Item = RevocationAddress> {
    let accepted = |identity| matches!(identity, Identity::Proven | Identity::Trusted);
    let trust = tls.trust.as_ref().filter(|trust| accepted(trust.identity));
    let path = trust.map(|trust| trust.device.path.as_slice()).unwrap_or_default();
    let below_the_root = path.split_last().map(|(_, below)| below).unwrap_or_default();
    let sent = |sha256: &str| tls.chain.iter().find(|certificate| certificate.sha256 == sha256);
    let certificates = below_the_root.iter().filter_map(move |on_path| sent(on_path.sha256.as_deref()?));
    certificates.flat_map(|certificate| {
        let of = |service| move |url: &String| RevocationAddress::of(url, service);
        let lists = certificate.crl.iter().filter_map(of(RevocationService::Crl));
        lists.chain(certificate.ocsp.iter().filter_map(of(RevocationService::Ocsp)))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(url: &str) -> Option<(String, u16, String)> {
        let found = RevocationAddress::of(url, RevocationService::Crl)?;
        Some((found.host.to_string(), found.port, found.path))
    }

    #[test]
    fn a_url_gives_host_port_and_a_path_that_can_be_asked_for() {
        for (url, host, port, path) in [
            ("http://crl3.example.com/Root.crl", "crl3.example.com", 80, "/Root.crl"),
            ("HTTP://OCSP.Example.com", "ocsp.example.com", 80, "/"),
            ("http://ocsp.example.com:8080?a=b", "ocsp.example.com", 8080, "/"),
            ("http://user:s3cret@crl.example.com/a?s3cret#b", "crl.example.com", 80, "/a"),
            ("http://[2001:db8::1]/a", "2001:db8::1", 80, "/a"),
            ("http://[2001:db8::1]:81/a", "2001:db8::1", 81, "/a"),
            ("http://192.0.2.1/a", "192.0.2.1", 80, "/a"),
            ("http://crl.example.com/a b\r\nX: y", "crl.example.com", 80, "/"),
        ] {
            assert_eq!(of(url), Some((host.to_owned(), port, path.to_owned())), "{url}");
        }
        for url in [
            "",
            "http",
            "http://",
            "https://crl.example.com/a",
            "ldap:///CN=Issuing%20CA?certificateRevocationList",
            "http://crl.example.com:0/",
            "http://crl.example.com:65536/",
            "http://crl.example.com:x/",
            "http://a\r\nb/",
            "http://-a.example/",
            "http:/\u{e9}/a",
        ] {
            assert_eq!(of(url), None, "{url}");
        }
    }

    fn shown(identity: &str, path: &[&str]) -> TlsEvidence {
        let certificate =
            |sha256: &str, crl: &[&str], ocsp: &[&str]| json!({ "sha256": sha256, "crl": crl, "ocsp": ocsp });
        let on_path = |sha256: &&str| json!({ "subject": null, "sha256": sha256, "not_before": null, "not_after": null, "sent": true });
        serde_json::from_value(json!({
            "server_name": null, "version": null, "cipher_suite": null, "key_exchange": null, "alpn": null,
            "client_certificate_requested": false, "chain_left_out": 0,
            "chain": [
                certificate("leaf", &["ldap:///x", "http://crl.test/leaf.crl"], &["http://ocsp.test"]),
                certificate("issuing", &["http://crl.test/root.crl"], &["http://crl.test/ocsp"]),
                certificate("root", &["http://root.test/"], &[]),
                certificate("stranger", &["http://stranger.test/"], &[]),
            ],
            "trust": {
                "verified_at": "2026-11-22T14:03:11Z", "name_matches": true, "identity": identity, "hub": null,
                "device": { "outcome": "trusted", "path": path.iter().map(on_path).collect::<Vec<_>>() }
            }
        }))
        .expect("evidence")
    }

    #[test]
    fn what_is_asked_is_named_by_certificates_that_somebody_vouches_for() {
        let whole = ["leaf", "issuing", "root"];
        for identity in ["proven", "trusted"] {
            let found = revocation_addresses([&shown(identity, &whole), &shown(identity, &whole)]);
            let found: Vec<_> =
                found.iter().map(|it| (it.host.to_string(), it.path.as_str(), it.services.len())).collect();
            assert_eq!(found, [("crl.test".to_owned(), "/leaf.crl", 2), ("ocsp.test".to_owned(), "/", 1)]);
        }
        for identity in ["intercepted", "untrusted-here", "foreign", "unverified"] {
            assert_eq!(revocation_addresses([&shown(identity, &whole)]), [], "{identity}");
        }
        // A pinned certificate is its own root.
        assert_eq!(revocation_addresses([&shown("proven", &["leaf"])]), []);
        assert_eq!(revocation_addresses([&shown("proven", &[])]), []);
    }

    #[test]
    fn a_chain_that_names_many_has_few_asked() {
        let mut tls = shown("proven", &["leaf", "root"]);
        tls.chain[0].crl = (0..100).map(|number| format!("http://crl{number}.test/")).collect();
        assert_eq!(revocation_addresses([&tls]).len(), MOST_REVOCATION_ADDRESSES);
    }
}
