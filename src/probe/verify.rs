//! A certificate verifier that records what it is shown, judges it by both sets of roots, and lets the handshake go on
//! only where the identity allows it. The peer's identity stands once its signature has shown that it holds the key.

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
use crate::observation::{Certificate, HubRoot, Identity, StoreVerdict, Trust};

/// The longest chain that is recorded; real ones have two to four.
const LONGEST_CHAIN: usize = 10;

/// What one handshake showed of the peer's identity.
#[derive(Debug, Default, Clone)]
pub(crate) struct Shown {
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
    shown: Mutex<Shown>,
    certificate_requested: AtomicBool,
}

impl Recorder {
    pub(crate) fn new(roots: Roots, algorithms: WebPkiSupportedAlgorithms, tolerance: Tolerance) -> Self {
        Self { tolerance, roots, algorithms, shown: Mutex::default(), certificate_requested: AtomicBool::new(false) }
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
        let judge = |store| judge(chain, store, &self.algorithms, now);
        let device = judge(&self.roots.device);
        let hub = self.roots.hub.as_ref().map(|(store, _)| judge(store));
        let verified_at = SystemTime::UNIX_EPOCH + Duration::from_secs(now.as_secs());
        let hub_root = hub.as_ref().filter(|hub| hub.leads_to_a_root()).and_then(|_| self.hub_root(chain));
        let verified_at = certificate::timestamp(verified_at);
        let identity = Identity::Unverified;
        Trust { verified_at, name_matches, device, hub, hub_root, signature_verified: None, identity }.signed(None)
    }

    /// Keeps whether the peer's signature shows that it holds the key of the certificate. A peer that is not accepted is
    /// refused only here, so that it is known whether the chain is its own; we have sent no more than our hello by then.
    fn sign<T>(&self, verified: Result<T, Error>) -> Result<T, Error> {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.trust = shown.trust.take().map(|trust| trust.signed(Some(verified.is_ok())));
        match verified {
            Ok(_) if shown.refused => Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)),
            verified => verified,
        }
    }

    /// The hub's root by the name of the last issuer; a peer may present the root itself, or not.
    fn hub_root(&self, chain: &[CertificateDer<'_>]) -> Option<HubRoot> {
        let issuer = certificate::record(chain.last()?).issuer?;
        self.roots.hub_names.iter().find(|root| root.subject == issuer).cloned()
    }
}

/// What `store` says of `chain` at the time `now`, names apart. Where it is not valid then, it is judged once more at a time
/// when all of it is valid: only so does "nothing but the validity period fails" become known.
pub(crate) fn judge(
    chain: &[CertificateDer<'_>],
    store: &RootCertStore,
    algorithms: &WebPkiSupportedAlgorithms,
    now: UnixTime,
) -> StoreVerdict {
    let Some((own, others)) = chain.split_first() else {
        return StoreVerdict::UnknownIssuer;
    };
    let at = |time| {
        let own = ParsedCertificate::try_from(own)?;
        verify_server_cert_signed_by_trust_anchor(&own, store, others, time, algorithms.all)
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
        let goes_on = trust.chain_identity().goes_on()
            || (self.tolerance == Tolerance::OnlyTimeFails && trust.name_matches && trust.authority().is_only_time());
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Shown {
            chain: chain.iter().take(LONGEST_CHAIN).map(|der| certificate::record(der)).collect(),
            chain_left_out: chain.len().saturating_sub(LONGEST_CHAIN),
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
        self.sign(verify_tls12_signature(message, own, signature, &self.algorithms))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.sign(verify_tls13_signature(message, own, signature, &self.algorithms))
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
