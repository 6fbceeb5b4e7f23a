//! Whether a key has signed a certificate.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA1_ASN1, ECDSA_P521_SHA1_ASN1, RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY, UnparsedPublicKey,
    VerificationAlgorithm,
};
use rustls::{SignatureScheme, crypto::WebPkiSupportedAlgorithms, pki_types::SignatureVerificationAlgorithm};

use crate::wire::x509::{Certificate, Curve, Hash, KeyKind, PublicKey, signature_kind};

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signature {
    Good,
    Bad,
    /// Of an algorithm that is not known here.
    Unknown,
}

/// Whether `key` signed `certificate`.
pub(super) fn of(
    certificate: &Certificate<'_>,
    key: &PublicKey<'_>,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Signature {
    let (message, signature) = (certificate.signed, certificate.signature);
    let kind = key.kind();
    let known = algorithms.all.iter().find(|algorithm| {
        algorithm.signature_alg_id().as_ref() == certificate.signature_algorithm && takes(**algorithm, key)
    });
    let verified = match (known, legacy(certificate, kind)) {
        (_, Some(legacy)) => UnparsedPublicKey::new(legacy, key.key).verify(message, signature).is_ok(),
        (Some(known), None) => known.verify_signature(key.key, message, signature).is_ok(),
        (None, None) if is_of_another_kind(certificate, kind) => false,
        (None, None) => return Signature::Unknown,
    };
    if verified { Signature::Good } else { Signature::Bad }
}

/// Whether `key` made `signature` in a handshake, where the certificate around it is one that rustls does not read.
pub(crate) fn of_handshake(
    message: &[u8],
    signature: &[u8],
    scheme: SignatureScheme,
    key: &PublicKey<'_>,
    algorithms: &WebPkiSupportedAlgorithms,
) -> bool {
    let of_scheme = algorithms.mapping.iter().filter(|(known, _)| *known == scheme).flat_map(|(_, may)| may.iter());
    let mut fitting = of_scheme.filter(|algorithm| takes(**algorithm, key));
    fitting.any(|algorithm| algorithm.verify_signature(key.key, message, signature).is_ok())
}

/// Whether a signature in a handshake by this kind of key is one that can be checked here.
pub(crate) fn can_check(key: KeyKind) -> bool {
    match key {
        KeyKind::Rsa { bits, pss } => !pss && (2048..=8192).contains(&bits),
        KeyKind::Ec(curve) => matches!(curve, Curve::P256 | Curve::P384 | Curve::P521),
        KeyKind::Ed25519 => true,
        KeyKind::EcExplicit | KeyKind::Ed448 | KeyKind::Dsa | KeyKind::MlDsa | KeyKind::Other => false,
    }
}

fn takes(algorithm: &dyn SignatureVerificationAlgorithm, key: &PublicKey<'_>) -> bool {
    if algorithm.public_key_alg_id().as_ref() == key.algorithm {
        return true;
    }
    // A key for RSASSA-PSS alone is an RSA key of another name.
    let is_pss = signature_kind(algorithm.signature_alg_id().as_ref()).name == Some("RSA-PSS");
    is_pss && matches!(key.kind(), KeyKind::Rsa { pss: true, .. })
}

/// Deprecated algorithms, which rustls does not have.
fn legacy(certificate: &Certificate<'_>, key: KeyKind) -> Option<&'static dyn VerificationAlgorithm> {
    let hash = signature_kind(certificate.signature_algorithm).hash?;
    let is_pkcs1 =
        signature_kind(certificate.signature_algorithm).name.is_some_and(|name| name.starts_with("RSA with"));
    match (key, hash) {
        (KeyKind::Rsa { pss: false, .. }, Hash::Sha1) if is_pkcs1 => {
            Some(&RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY)
        }
        (KeyKind::Rsa { pss: false, bits: ..2048 }, Hash::Sha256) if is_pkcs1 => {
            Some(&RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY)
        }
        (KeyKind::Rsa { pss: false, bits: ..2048 }, Hash::Sha512) if is_pkcs1 => {
            Some(&RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY)
        }
        (KeyKind::Ec(Curve::P256), Hash::Sha1) => Some(&ECDSA_P256_SHA1_ASN1),
        (KeyKind::Ec(Curve::P521), Hash::Sha1) => Some(&ECDSA_P521_SHA1_ASN1),
        _ => None,
    }
}

/// Whether the signature is of an algorithm that this kind of key has nothing to do with.
fn is_of_another_kind(certificate: &Certificate<'_>, key: KeyKind) -> bool {
    let Some(name) = signature_kind(certificate.signature_algorithm).name else { return false };
    match key {
        KeyKind::Rsa { .. } => !name.starts_with("RSA"),
        KeyKind::Ec(_) | KeyKind::EcExplicit => !name.starts_with("ECDSA"),
        KeyKind::Dsa => !name.starts_with("DSA"),
        KeyKind::Ed25519 | KeyKind::Ed448 | KeyKind::MlDsa => name != key.name(),
        KeyKind::Other => false,
    }
}
