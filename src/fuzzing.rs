//! Readers of foreign bytes that are no interface, for the fuzz targets alone: built with `--cfg fuzzing`, as
//! `docs/fuzzing.md` has it. Each panics where something does not hold.

use crate::{
    exporter,
    observation::{RevocationAddress, RevocationService},
    responder::{self, ServerIdentity},
};

pub use hubreach_probe::fuzzing::*;

/// A file of roots, and one of a server's certificates and key.
pub fn pem(text: &str) {
    hubreach_probe::fuzzing::pem(text);
    if let Ok(identity) = ServerIdentity::from_pem(text.as_bytes(), text.as_bytes()) {
        assert!(!identity.chain.is_empty());
    }
}

/// A URL by which a certificate says where its revocation is looked up.
pub fn revocation_url(url: &str) {
    if let Some(found) = RevocationAddress::of(url, RevocationService::Crl) {
        assert!(found.port != 0 && found.path.starts_with('/'));
        assert!(found.path.bytes().all(|byte| byte.is_ascii_graphic()), "{:?}", found.path);
    }
}

/// A client's request to the responder.
pub fn responder_request(bytes: &[u8]) {
    responder::read_request(bytes);
}

/// The header by which a load balancer says who connects to the responder.
pub fn proxy_header(bytes: &[u8]) {
    responder::read_proxy_header(bytes);
}

/// A request to the exporter: its query, the scraper's patience and the formats that it takes.
pub fn request(query: &str, header: &[u8]) {
    exporter::read_request(query, header);
}
