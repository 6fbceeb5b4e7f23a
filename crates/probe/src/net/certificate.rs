//! A presented certificate becomes a record.

use std::{
    net::{Ipv4Addr, Ipv6Addr},
    time::{Duration, UNIX_EPOCH},
};

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    hub::redacted,
    observation::{Certificate, Key, hex},
    wire::x509::{self, GeneralName, signature_kind},
};

/// More names than this in one certificate are not kept.
const MAX_NAMES: usize = 100;
/// Longer names are cut.
const MAX_NAME_LEN: usize = 300;

/// A larger certificate is recorded without its bytes: some are as large as a handshake may be (64 KiB).
const MAX_DER_SIZE: usize = 16 * 1024;

/// Records a certificate; whatever of it cannot be read is left empty.
pub(crate) fn record(der: &[u8]) -> Certificate {
    let bytes = if der.len() <= MAX_DER_SIZE { STANDARD.encode(der) } else { String::new() };
    let fingerprint = Certificate { sha256: sha256(der), der: bytes, ..Certificate::default() };
    match x509::Certificate::read(der) {
        Some(read) => recorded(&read, fingerprint),
        None => fingerprint,
    }
}

fn recorded(read: &x509::Certificate<'_>, fingerprint: Certificate) -> Certificate {
    let extensions = &read.extensions;
    let alternatives = extensions.alternative_names.as_deref().unwrap_or_default();
    let mut names = Certificate::default();
    for name in alternatives.iter().take(MAX_NAMES) {
        let (kind, text) = match name {
            GeneralName::Dns(bytes) => (&mut names.dns_names, Some(clipped(&String::from_utf8_lossy(bytes)))),
            GeneralName::Ip(bytes) => (&mut names.ip_addresses, address(bytes)),
            _ => continue,
        };
        kind.extend(text.clone());
        names.names.extend(text);
    }
    let texts = |urls: &[&str]| urls.iter().map(|url| redacted(url).into_owned()).collect();
    let key = read.key.kind();
    Certificate {
        subject: read.subject.readable(),
        issuer: read.issuer.readable(),
        common_name: read.subject.common_names().next().map(|name| clipped(&name)),
        not_before: read.validity.map(|validity| rfc3339(validity.from)),
        not_after: read.validity.map(|validity| rfc3339(validity.to)),
        version: Some(read.version),
        is_authority: extensions.basic_constraints.is_some_and(|constraints| constraints.ca),
        key: Some(Key { algorithm: key.name().to_owned(), bits: key.bits() }),
        signature_algorithm: signature_kind(read.signature_algorithm).name.map(str::to_owned),
        crl: texts(&extensions.crl),
        ocsp: texts(&extensions.ocsp),
        ca_issuers: texts(&extensions.ca_issuers),
        spki_sha256: Some(sha256(read.key.info)),
        ..Certificate { sha256: fingerprint.sha256, der: fingerprint.der, ..names }
    }
}

/// A time in seconds since 1970, which is the earliest that is written.
pub(crate) fn rfc3339(seconds: i64) -> String {
    let since_epoch = Duration::from_secs(u64::try_from(seconds).unwrap_or_default());
    humantime::format_rfc3339_seconds(UNIX_EPOCH + since_epoch).to_string()
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn address(bytes: &[u8]) -> Option<String> {
    let v4 = <[u8; 4]>::try_from(bytes).map(|bytes| Ipv4Addr::from(bytes).to_string());
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(|bytes| Ipv6Addr::from(bytes).to_string())).ok()
}

fn clipped(text: &str) -> String {
    text.chars().take(MAX_NAME_LEN).collect()
}
