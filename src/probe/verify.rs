//! A certificate verifier that records what it is shown, judges it by both sets of roots, and lets the handshake go on
//! only where the identity allows it.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use rustls::{
    CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        ResolvesClientCert,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor, verify_server_name,
    },
    crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::ParsedCertificate,
    sign::CertifiedKey,
};

use super::{certificate, roots::Roots};
use crate::observation::{Certificate, Identity, StoreVerdict, Trust};

/// The longest chain that is recorded; real ones have two to four.
const LONGEST_CHAIN: usize = 10;

/// What one handshake showed of the peer's identity.
#[derive(Debug, Default, Clone)]
pub(crate) struct Shown {
    pub(crate) chain: Vec<Certificate>,
    pub(crate) chain_left_out: usize,
    pub(crate) trust: Option<Trust>,
}

/// For one handshake alone.
#[derive(Debug)]
pub(crate) struct Recorder {
    roots: Roots,
    algorithms: WebPkiSupportedAlgorithms,
    shown: Mutex<Shown>,
    certificate_requested: AtomicBool,
}

impl Recorder {
    pub(crate) fn new(roots: Roots, algorithms: WebPkiSupportedAlgorithms) -> Self {
        Self { roots, algorithms, shown: Mutex::default(), certificate_requested: AtomicBool::new(false) }
    }

    /// What was shown so far.
    pub(crate) fn shown(&self) -> Shown {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the peer asked for a client certificate.
    pub(crate) fn certificate_requested(&self) -> bool {
        self.certificate_requested.load(Ordering::Relaxed)
    }

    fn trust(&self, chain: &[CertificateDer<'_>], name: &ServerName<'_>, now: UnixTime) -> Trust {
        let name_matches = chain
            .first()
            .and_then(|own| ParsedCertificate::try_from(own).ok())
            .is_some_and(|own| verify_server_name(&own, name).is_ok());
        let device = self.judge(chain, &self.roots.device, now);
        let hub = self.roots.hub.as_ref().map(|(store, _)| self.judge(chain, store, now));
        let accepted = |verdict: &StoreVerdict| name_matches && *verdict == StoreVerdict::Trusted;
        let identity = Identity::of(accepted(&device), hub.as_ref().map(accepted));
        let verified_at = SystemTime::UNIX_EPOCH + Duration::from_secs(now.as_secs());
        Trust { verified_at: certificate::timestamp(verified_at), name_matches, device, hub, identity }
    }

    /// What `store` says of `chain`, names apart. Where it is not valid now, it is judged once more at a time when all of
    /// it is valid: only so does "nothing but the validity period fails" become known.
    fn judge(&self, chain: &[CertificateDer<'_>], store: &RootCertStore, now: UnixTime) -> StoreVerdict {
        let Some((own, others)) = chain.split_first() else {
            return StoreVerdict::UnknownIssuer;
        };
        let at = |time| {
            let own = ParsedCertificate::try_from(own)?;
            verify_server_cert_signed_by_trust_anchor(&own, store, others, time, self.algorithms.all)
        };
        let Err(error) = at(now) else {
            return StoreVerdict::Trusted;
        };
        let valid_then = certificate::common_validity(chain.iter().map(AsRef::as_ref));
        match valid_then.filter(|then| at(*then).is_ok()) {
            Some(then) if then < now => StoreVerdict::Expired,
            Some(_) => StoreVerdict::NotYetValid,
            None => match error {
                Error::InvalidCertificate(CertificateError::UnknownIssuer) => StoreVerdict::UnknownIssuer,
                other => StoreVerdict::Rejected { reason: other.to_string() },
            },
        }
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain: Vec<_> = std::iter::once(own).chain(others).cloned().collect();
        let trust = self.trust(&chain, name, now);
        let goes_on = trust.identity.goes_on();
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Shown {
            chain: chain.iter().take(LONGEST_CHAIN).map(|der| certificate::record(der)).collect(),
            chain_left_out: chain.len().saturating_sub(LONGEST_CHAIN),
            trust: Some(trust),
        };
        if goes_on {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(Error::InvalidCertificate(CertificateError::UnknownIssuer))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, own, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, own, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// We have no client certificate; being asked for one is worth knowing.
impl ResolvesClientCert for Recorder {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<std::sync::Arc<CertifiedKey>> {
        self.certificate_requested.store(true, Ordering::Relaxed);
        None
    }

    /// rustls asks [`Self::resolve`] only where there may be one.
    fn has_certs(&self) -> bool {
        true
    }
}
