//! Certificates to show: made in memory, or given as PEM.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use rustls::{
    crypto::aws_lc_rs,
    pki_types::{
        CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer,
        pem::{self, PemObject},
    },
    sign::CertifiedKey,
};

use crate::probe::now;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Why a certificate cannot be made or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// A name or a time that cannot stand in a certificate, or a fault of the maker.
    #[error("cannot make a certificate: {0}")]
    Make(#[from] rcgen::Error),
    /// Input that is not PEM.
    #[error("cannot read PEM: {0}")]
    Pem(#[from] pem::Error),
    /// PEM without a certificate.
    #[error("no certificate in the PEM given")]
    NoCertificate,
    /// A key that is of no known kind, or not the key of the certificate.
    #[error("cannot use the certificate with the key: {0}")]
    Unusable(#[from] rustls::Error),
}

/// When a certificate is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// From when.
    pub not_before: SystemTime,
    /// Until when.
    pub not_after: SystemTime,
}

impl Validity {
    /// Ended yesterday.
    pub fn expired() -> Self {
        let now = now();
        Self { not_before: days_ago(30), not_after: now - DAY }
    }

    /// Begins tomorrow.
    pub fn not_yet() -> Self {
        let now = now();
        Self { not_before: now + DAY, not_after: now + 30 * DAY }
    }
}

impl Default for Validity {
    /// From yesterday, for a year: clocks differ.
    fn default() -> Self {
        Self { not_before: days_ago(1), not_after: now() + 365 * DAY }
    }
}

/// A certificate authority that lives in memory and dies with it.
#[derive(Debug)]
pub struct CertificateAuthority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl CertificateAuthority {
    /// A new one, with a new key.
    pub fn new() -> Result<Self, IdentityError> {
        Self::named("hubreach responder CA")
    }

    /// A fresh one under the given common name.
    pub fn named(common_name: &str) -> Result<Self, IdentityError> {
        let mut params = params(common_name, Validity { not_after: now() + 3650 * DAY, ..long_ago() });
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Ok(Self { issuer: CertifiedIssuer::self_signed(params, KeyPair::generate()?)? })
    }

    /// The root certificate, for those who shall trust it.
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// A certificate for `names`, which may be addresses.
    pub fn issue(&self, names: &[String], validity: Validity) -> Result<ServerIdentity, IdentityError> {
        let mut params = params(names.first().map_or("hubreach responder", String::as_str), validity);
        params.subject_alt_names = CertificateParams::new(names)?.subject_alt_names;
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok(ServerIdentity {
            chain: vec![certificate.der().clone()],
            key: PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            root: Some(Root { der: self.issuer.der().clone(), pem: self.pem() }),
        })
    }
}

fn long_ago() -> Validity {
    Validity { not_before: days_ago(365), ..Validity::default() }
}

/// Not before 1970, where readers of certificates stumble: the clock may not have been set yet.
fn days_ago(days: u32) -> SystemTime {
    (now() - days * DAY).max(UNIX_EPOCH)
}

fn params(common_name: &str, validity: Validity) -> CertificateParams {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    let mut params = CertificateParams::default();
    params.distinguished_name = name;
    params.not_before = validity.not_before.into();
    params.not_after = validity.not_after.into();
    params
}

/// What a server shows of itself, and the key that proves it.
#[derive(Debug)]
pub struct ServerIdentity {
    /// The server's certificate, then whatever intermediates are sent.
    pub chain: Vec<CertificateDer<'static>>,
    /// The key of the first.
    pub key: PrivateKeyDer<'static>,
    root: Option<Root>,
}

#[derive(Debug, Clone)]
struct Root {
    der: CertificateDer<'static>,
    pem: String,
}

impl ServerIdentity {
    /// Reads a certificate chain, the server's own first, and its key.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, IdentityError> {
        let chain = CertificateDer::pem_slice_iter(chain).collect::<Result<Vec<_>, _>>()?;
        if chain.is_empty() {
            return Err(IdentityError::NoCertificate);
        }
        let key = PrivateKeyDer::from_pem_slice(key)?;
        // Found out here, it is not taken for a fault of the port later.
        CertifiedKey::from_der(chain.clone(), key.clone_key(), &aws_lc_rs::default_provider())?;
        Ok(Self { chain, key, root: None })
    }

    /// The root that signed it, as PEM, where that was a [`CertificateAuthority`].
    pub fn ca_pem(&self) -> Option<String> {
        self.root.as_ref().map(|root| root.pem.clone())
    }

    /// Who may sign a client's certificate: the same root, or the end of the chain.
    pub(super) fn anchor(&self) -> Option<CertificateDer<'static>> {
        self.root.as_ref().map(|root| root.der.clone()).or_else(|| self.chain.last().cloned())
    }
}

impl Clone for ServerIdentity {
    fn clone(&self) -> Self {
        Self { chain: self.chain.clone(), key: self.key.clone_key(), root: self.root.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_can_be_certified() {
        let authority = CertificateAuthority::new().unwrap();
        let names = ["hub.example".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
        let identity = authority.issue(&names, Validity::default()).unwrap();
        assert_eq!(identity.chain.len(), 1);
        assert_eq!(identity.ca_pem(), Some(authority.pem()));
    }

    #[test]
    fn a_certificate_is_taken_with_its_own_key_alone() {
        let made = || {
            let key = KeyPair::generate().unwrap();
            let certificate = params("hub", Validity::default()).self_signed(&key).unwrap();
            (certificate.pem(), key.serialize_pem())
        };
        let ((chain, key), (_, other_key)) = (made(), made());
        assert!(ServerIdentity::from_pem(chain.as_bytes(), key.as_bytes()).is_ok());
        let error = ServerIdentity::from_pem(chain.as_bytes(), other_key.as_bytes()).unwrap_err();
        assert!(matches!(error, IdentityError::Unusable(_)), "{error}");
    }

    #[test]
    fn pem_without_a_certificate_is_an_error() {
        assert!(matches!(ServerIdentity::from_pem(b"", b""), Err(IdentityError::NoCertificate)));
    }
}
