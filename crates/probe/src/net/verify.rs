//! A certificate verifier that records what it is shown, judges it by both sets of roots, and lets the handshake go on
//! only where the identity allows it. The peer's identity stands once its signature has shown that it holds the key.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use rustls::{
    CertificateError, DigitallySignedStruct, Error, SignatureScheme,
    client::{
        ResolvesClientCert,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{
        WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature, verify_tls13_signature_with_raw_key,
    },
    pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime},
    server::ParsedCertificate,
    sign::CertifiedKey,
};

use super::{certificate, roots::Roots, trust};
use crate::{
    observation::{Certificate, Trust},
    wire::x509,
};

/// The longest chain that is recorded; real ones have two to four.
const MAX_CHAIN_LEN: usize = 10;

/// What one handshake showed of the peer's identity.
#[derive(Debug, Default, Clone)]
pub(crate) struct PresentedChain {
    pub(crate) chain: Vec<Certificate>,
    pub(crate) chain_left_out: usize,
    pub(crate) trust: Option<Trust>,
    /// Whether the handshake ends at the peer's signature: nothing is to be sent to such a peer.
    pub(crate) refused: bool,
}

/// Whose handshakes may go on to their end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tolerance {
    /// Those of a peer that the device trusts, or that is the hub.
    Identity,
    /// Those too of which nothing but the validity period fails.
    OnlyTimeFails,
}

/// For one handshake alone.
#[derive(Debug)]
pub(crate) struct Recorder {
    tolerance: Tolerance,
    roots: Roots,
    algorithms: WebPkiSupportedAlgorithms,
    shown: Mutex<PresentedChain>,
    certificate_requested: AtomicBool,
}

impl Recorder {
    pub(crate) fn new(roots: Roots, algorithms: WebPkiSupportedAlgorithms, tolerance: Tolerance) -> Self {
        Self { tolerance, roots, algorithms, shown: Mutex::default(), certificate_requested: AtomicBool::new(false) }
    }

    /// What was shown so far.
    pub(crate) fn shown(&self) -> PresentedChain {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the peer asked for a client certificate.
    pub(crate) fn certificate_requested(&self) -> bool {
        self.certificate_requested.load(Ordering::Relaxed)
    }

    /// Keeps whether the peer's signature shows that it holds the key of the certificate; `None` where that cannot be told. A
    /// peer that is not accepted is refused only here, so that it is known whether the chain is its own; we have sent no more
    /// than our hello by then.
    fn sign(
        &self,
        result: Result<HandshakeSignatureValid, Error>,
        own: &CertificateDer<'_>,
        is_of: impl FnOnce(&x509::PublicKey<'_>) -> bool,
    ) -> Result<HandshakeSignatureValid, Error> {
        let (valid, verified) = signed(result, own, is_of);
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.trust = shown.trust.take().map(|trust| trust.signed(verified));
        match valid {
            Ok(_) if shown.refused => Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)),
            valid => valid,
        }
    }
}

/// Whether a handshake is signed by a certificate's key, of which the library said something: what it cannot read may be
/// right all the same, and of what nobody here can check nothing is known.
fn signed(
    result: Result<HandshakeSignatureValid, Error>,
    own: &CertificateDer<'_>,
    is_of: impl FnOnce(&x509::PublicKey<'_>) -> bool,
) -> (Result<HandshakeSignatureValid, Error>, Option<bool>) {
    let error = match result {
        Ok(valid) => return (Ok(valid), Some(true)),
        Err(error) => error,
    };
    match x509::Certificate::read(own).map(|read| read.key) {
        Some(key) if ParsedCertificate::try_from(own).is_err() && is_of(&key) => {
            (Ok(HandshakeSignatureValid::assertion()), Some(true))
        }
        Some(key) if trust::can_check(key.kind()) => (Err(error), Some(false)),
        _ => (Err(error), None),
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
        let records: Vec<_> = chain.iter().take(MAX_CHAIN_LEN).map(|der| certificate::record(der)).collect();
        let trust = trust::judge(&chain, &records, &self.roots, self.algorithms, name, now);
        let goes_on = trust.chain_identity().goes_on()
            || (self.tolerance == Tolerance::OnlyTimeFails && trust.name_matches && trust.authority().is_only_time());
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = PresentedChain {
            chain: records,
            chain_left_out: chain.len().saturating_sub(MAX_CHAIN_LEN),
            trust: Some(trust),
            refused: !goes_on,
        };
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let result = verify_tls12_signature(message, own, signature, &self.algorithms);
        self.sign(result, own, |key| {
            trust::of_handshake(message, signature.signature(), signature.scheme, key, &self.algorithms)
        })
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let result = verify_tls13_signature(message, own, signature, &self.algorithms);
        self.sign(result, own, |key| {
            let key = SubjectPublicKeyInfoDer::from(key.info);
            verify_tls13_signature_with_raw_key(message, &key, signature, &self.algorithms).is_ok()
        })
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
