//! A presented certificate becomes a record.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rustls::pki_types::UnixTime;
use x509_cert::{
    certificate::{CertificateInner, Raw},
    der::{Decode, Encode},
    ext::pkix::{SubjectAltName, name::GeneralName},
};

use crate::observation::{Certificate, hex};

/// More names than this in one certificate are not kept.
const MOST_NAMES: usize = 100;

/// The `Raw` profile reads what stricter ones refuse, such as serial numbers over 20 bytes: it is evidence, not trust.
type Parsed = CertificateInner<Raw>;

/// Records a certificate; whatever of it does not parse is left empty.
pub(crate) fn record(der: &[u8]) -> Certificate {
    let parsed = Parsed::from_der(der).ok();
    let tbs = parsed.as_ref().map(Parsed::tbs_certificate);
    let validity = tbs.map(|tbs| tbs.validity());
    Certificate {
        subject: tbs.map(|tbs| tbs.subject().to_string()),
        issuer: tbs.map(|tbs| tbs.issuer().to_string()),
        names: parsed.as_ref().map(names).unwrap_or_default(),
        not_before: validity.map(|validity| rfc3339(validity.not_before.to_unix_duration())),
        not_after: validity.map(|validity| rfc3339(validity.not_after.to_unix_duration())),
        sha256: sha256(der),
        spki_sha256: tbs.and_then(|tbs| tbs.subject_public_key_info().to_der().ok()).map(|spki| sha256(&spki)),
        der: STANDARD.encode(der),
    }
}

/// A time at which every certificate of the chain is valid, if there is one.
pub(crate) fn common_validity<'a>(chain: impl Iterator<Item = &'a [u8]>) -> Option<UnixTime> {
    let mut window = (Duration::ZERO, Duration::MAX);
    for der in chain {
        let parsed = Parsed::from_der(der).ok()?;
        let validity = parsed.tbs_certificate().validity();
        window.0 = window.0.max(validity.not_before.to_unix_duration());
        window.1 = window.1.min(validity.not_after.to_unix_duration());
    }
    let (from, to) = window;
    (from <= to).then(|| UnixTime::since_unix_epoch(from + (to - from) / 2))
}

/// This machine's time, or any other, as the reports write it.
pub(crate) fn timestamp(time: SystemTime) -> String {
    humantime::format_rfc3339_millis(time).to_string()
}

fn names(certificate: &Parsed) -> Vec<String> {
    let Ok(Some((_, names))) = certificate.tbs_certificate().get_extension::<SubjectAltName>() else {
        return Vec::new();
    };
    let readable = names.0.iter().filter_map(|name| match name {
        GeneralName::DnsName(name) => Some(name.to_string()),
        GeneralName::IpAddress(bytes) => match bytes.as_bytes() {
            v4 if v4.len() == 4 => <[u8; 4]>::try_from(v4).ok().map(|v4| std::net::Ipv4Addr::from(v4).to_string()),
            v6 => <[u8; 16]>::try_from(v6).ok().map(|v6| std::net::Ipv6Addr::from(v6).to_string()),
        },
        _ => None,
    });
    readable.take(MOST_NAMES).collect()
}

fn rfc3339(since_epoch: Duration) -> String {
    humantime::format_rfc3339_seconds(UNIX_EPOCH + since_epoch).to_string()
}

fn sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}
