//! What this program's TLS library says of a chain, and by which path it came to that.

use rustls::{
    crypto::WebPkiSupportedAlgorithms,
    pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime},
};
use webpki::{EndEntityCert, Error, KeyUsage, anchor_from_trusted_cert};

use super::store::Store;
use crate::{
    observation::{ChainVerdict, Flaw},
    wire::x509::Certificate,
};

/// A root by which the library came to its verdict.
#[derive(Debug, Clone, Copy)]
pub(super) enum UsedAnchor<'a> {
    Certificate(&'a [u8]),
    Bare(&'static TrustAnchor<'static>),
}

/// The path by which it did.
#[derive(Debug)]
pub(super) struct Used<'a> {
    /// The peer's own certificate and those above it.
    pub(super) certificates: Vec<&'a [u8]>,
    pub(super) anchor: UsedAnchor<'a>,
}

/// The verdict on a chain, of which `sent` are those certificates that can be read.
pub(super) fn judge<'a>(
    chain: &'a [CertificateDer<'a>],
    sent: &[Certificate<'_>],
    store: &'a Store,
    algorithms: &WebPkiSupportedAlgorithms,
    now: UnixTime,
) -> Result<Used<'a>, ChainVerdict> {
    let (own, others) = chain.split_first().ok_or(ChainVerdict::UnknownIssuer)?;
    // The library compares every root with every certificate; those of other names can be left out.
    let mut used: Vec<UsedAnchor<'a>> = Vec::new();
    let mut anchors: Vec<TrustAnchor<'a>> = Vec::new();
    for (at, issuer) in sent.iter().map(|certificate| certificate.issuer).enumerate() {
        if sent[..at].iter().any(|earlier| earlier.issuer.content() == issuer.content()) {
            continue;
        }
        for root in store.named(&issuer) {
            if let Ok(anchor) = anchor_from_trusted_cert(root) {
                used.push(UsedAnchor::Certificate(root));
                anchors.push(anchor);
            }
        }
        for root in store.bare_named(&issuer) {
            used.push(UsedAnchor::Bare(root));
            anchors.push(root.clone());
        }
    }
    let own_parsed = EndEntityCert::try_from(own).map_err(|error| verdict(&error))?;
    let path = own_parsed
        .verify_for_usage(algorithms.all, &anchors, others, now, KeyUsage::server_auth(), None, None)
        .map_err(|error| verdict(&error))?;
    let anchor = anchors.iter().position(|anchor| std::ptr::eq(anchor, path.anchor()));
    let above = path.intermediate_certificates().map(|above| above.der());
    let above = above.filter_map(|above| others.iter().find(|other| other.as_ref() == above.as_ref()));
    let certificates = std::iter::once(own).chain(above).map(AsRef::as_ref).collect();
    match anchor.and_then(|at| used.get(at)) {
        Some(anchor) => Ok(Used { certificates, anchor: *anchor }),
        None => Err(ChainVerdict::UnknownIssuer),
    }
}

/// Whether the library finds the certificate to be for `name`.
pub(super) fn is_for(own: &CertificateDer<'_>, name: &ServerName<'_>) -> bool {
    EndEntityCert::try_from(own).is_ok_and(|own| own.verify_is_valid_for_subject_name(name).is_ok())
}

fn verdict(error: &Error) -> ChainVerdict {
    let reason = match error {
        Error::CertExpired { .. } => return ChainVerdict::Expired,
        Error::CertNotValidYet { .. } => return ChainVerdict::NotYetValid,
        Error::UnknownIssuer => return ChainVerdict::UnknownIssuer,
        Error::BadDer
        | Error::BadDerTime
        | Error::TrailingData(_)
        | Error::InvalidCertValidity
        | Error::InvalidSerialNumber
        | Error::MalformedDnsIdentifier
        | Error::MalformedExtensions
        | Error::ExtensionValueInvalid
        | Error::SignatureAlgorithmMismatch => Flaw::Malformed,
        Error::CaUsedAsEndEntity => Flaw::AuthorityAsServer,
        Error::EndEntityUsedAsCa => Flaw::NotAnAuthority,
        Error::EmptyEkuExtension | Error::RequiredEkuNotFoundContext(_) => Flaw::NotForServers,
        Error::NameConstraintViolation | Error::InvalidNetworkMaskConstraint | Error::MalformedNameConstraint => {
            Flaw::NameConstraints
        }
        Error::PathLenConstraintViolated => Flaw::PathTooLong,
        Error::MaximumNameConstraintComparisonsExceeded
        | Error::MaximumPathBuildCallsExceeded
        | Error::MaximumPathDepthExceeded
        | Error::MaximumSignatureChecksExceeded => Flaw::TooComplex,
        Error::UnsupportedCertVersion => Flaw::Version,
        Error::UnsupportedCriticalExtension => Flaw::CriticalExtension,
        Error::InvalidSignatureForPublicKey => Flaw::BadSignature,
        Error::UnsupportedSignatureAlgorithmContext(_) | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => {
            Flaw::UnknownAlgorithm
        }
        _ => Flaw::Other,
    };
    ChainVerdict::Rejected { reason, at: None }
}
