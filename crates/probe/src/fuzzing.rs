//! Readers of foreign bytes that are no interface, for the fuzz targets alone: built with `--cfg fuzzing`, as
//! `docs/fuzzing.md` has it. Each panics where something does not hold.

use std::{net::IpAddr, sync::OnceLock};

use rustls::{
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, UnixTime},
};

use crate::{
    Pem, experiment,
    hub::roots,
    net::{certificate, dns, os, roots::Roots, tls, trust, websocket},
    observation::{DnsAnswer, DnsRecord, FirstBytes, Identity},
};

/// What a name server sends, to a question for either family.
pub fn dns(bytes: &[u8]) {
    for record in [DnsRecord::A, DnsRecord::Aaaa] {
        if let Some(DnsAnswer::Answered(reply)) = dns::read(bytes, record) {
            assert!(reply.addresses.len() <= 64 && reply.cname.len() <= 16 && reply.extended_errors.len() <= 4);
            assert!(reply.addresses.iter().all(|address| address.is_ipv6() == (record == DnsRecord::Aaaa)));
        }
    }
}

/// A file of roots.
pub fn pem(text: &str) {
    let _ = Roots::load(Some(&Pem::Text(text.to_owned())), None, &[]);
}

/// A certificate that a peer shows.
pub fn certificate(bytes: &[u8]) {
    let record = certificate::record(bytes);
    assert!(record.names.len() <= 100 && record.sha256.len() == 64);
    assert!(record.names.iter().all(|name| name.chars().count() <= 300));
}

/// A chain of certificates, each behind two bytes of length, judged by public roots and by those of a hub.
pub fn chain(mut bytes: &[u8]) {
    static ROOTS: OnceLock<Roots> = OnceLock::new();
    let roots = ROOTS.get_or_init(|| {
        let device = Pem::Text(roots::AZURE_PUBLIC.concat());
        Roots::load(Some(&device), None, roots::AMAZON).unwrap_or_else(|error| panic!("{error}"))
    });
    let mut presented = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<2>() {
        let (own, rest) = rest.split_at(rest.len().min(usize::from(u16::from_be_bytes(*length))));
        presented.push(CertificateDer::from(own));
        bytes = rest;
    }
    let records: Vec<_> = presented.iter().take(8).map(|der| certificate::record(der)).collect();
    let algorithms = aws_lc_rs::default_provider().signature_verification_algorithms;
    let name = ServerName::try_from("hub.test").unwrap_or_else(|error| panic!("{error}"));
    let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(1_800_000_000));
    let trust = trust::judge(&presented, &records, roots, algorithms, &name, now);
    assert_ne!(trust.identity, Identity::Proven, "nothing was signed");
}

/// How a peer's first flight begins, whatever it speaks.
pub fn first_bytes(bytes: &[u8]) {
    assert!(FirstBytes::of(bytes).as_slice().len() <= FirstBytes::MOST);
    let _ = tls::is_server_hello(bytes);
    experiment::read_flight(bytes);
}

/// Frames of a WebSocket, and what comes of them.
pub fn websocket(bytes: &[u8]) {
    websocket::read(bytes);
}

/// What the kernel says of this machine's network: netlink messages, and an entry of a socket's error queue.
pub fn kernel(bytes: &[u8]) {
    os::read_kernel_bytes(bytes);
}

/// The kernel's tables in `/proc`.
pub fn kernel_tables(text: &str) {
    os::read_kernel_tables(text);
}

/// The files by which this machine resolves names.
pub fn name_files(text: &str) {
    os::read_name_files(text);
}

/// The files, settings and programs that name a proxy.
pub fn proxy_settings(text: &str) {
    os::read_proxy_settings(text);
}

/// Where a name server that is written so listens.
pub fn server_address(text: &str) -> Option<IpAddr> {
    os::server_address(text, 53).map(|server| server.ip())
}
