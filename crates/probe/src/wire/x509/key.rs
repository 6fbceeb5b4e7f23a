//! Public keys and signatures: their algorithms and how strong they are.

use super::der::{Reader, tag, whole_bits};

/// A subject's public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey<'a> {
    /// The whole SubjectPublicKeyInfo, in DER.
    pub info: &'a [u8],
    /// The algorithm and its parameters, in DER without the sequence around them.
    pub algorithm: &'a [u8],
    /// The key itself.
    pub key: &'a [u8],
}

/// What a public key is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA; `pss` where it may sign by RSASSA-PSS alone.
    Rsa {
        /// The length of its modulus.
        bits: u32,
        /// Restricted to RSASSA-PSS (RFC 4055).
        pss: bool,
    },
    /// An elliptic curve by its name.
    Ec(Curve),
    /// An elliptic curve with explicit parameters, which no verifier accepts.
    EcExplicit,
    /// Ed25519.
    Ed25519,
    /// Ed448.
    Ed448,
    /// DSA.
    Dsa,
    /// ML-DSA.
    MlDsa,
    /// One that is not known here.
    Other,
}

/// Named curves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Curve {
    P192,
    P224,
    P256,
    P384,
    P521,
    Secp256k1,
    Other,
}

/// What a certificate is signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignatureKind {
    /// The hash that is signed; `None` where the algorithm has none of its own, or is not known here.
    pub hash: Option<Hash>,
    /// The name that OpenSSL and others use; `None` where it is not known here.
    pub name: Option<&'static str>,
}

/// Hash functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Hash {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl<'a> PublicKey<'a> {
    /// Reads a SubjectPublicKeyInfo.
    pub fn read(info: &'a [u8]) -> Option<Self> {
        let mut fields = Reader::new(info).inside(tag::SEQUENCE)?;
        let algorithm = fields.content(tag::SEQUENCE)?;
        Some(Self { info, algorithm, key: whole_bits(fields.content(tag::BIT_STRING)?)? })
    }

    /// What it is good for.
    pub fn kind(&self) -> KeyKind {
        let mut fields = Reader::new(self.algorithm);
        match fields.content(tag::OID).and_then(<[u8]>::split_last) {
            Some((1, PKCS_1)) => KeyKind::Rsa { bits: self.modulus_bits(), pss: false },
            Some((10, PKCS_1)) => KeyKind::Rsa { bits: self.modulus_bits(), pss: true },
            Some((1, EC_KEYS)) => match fields.content(tag::OID) {
                Some(curve) => KeyKind::Ec(curve_named(curve)),
                None => KeyKind::EcExplicit,
            },
            Some((0x70, EDWARDS)) => KeyKind::Ed25519,
            Some((0x71, EDWARDS)) => KeyKind::Ed448,
            Some((1, DSA)) => KeyKind::Dsa,
            Some((0x11..=0x13, NIST_SIGNATURES)) => KeyKind::MlDsa,
            _ => KeyKind::Other,
        }
    }

    fn modulus_bits(&self) -> u32 {
        let modulus = Reader::new(self.key).inside(tag::SEQUENCE).and_then(|mut key| key.content(tag::INTEGER));
        let digits = modulus.unwrap_or_default();
        let zeros = digits.iter().take_while(|digit| **digit == 0).count();
        let digits = &digits[zeros..];
        let unused = digits.first().map_or(0, |first| first.leading_zeros());
        u32::try_from(digits.len()).unwrap_or(u32::MAX).saturating_mul(8).saturating_sub(unused)
    }
}

/// 1.2.840.113549.1.1: RSA.
const PKCS_1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1];
/// 1.2.840.10045.2: keys on elliptic curves.
const EC_KEYS: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2];
/// 1.2.840.10045.4: signatures by such keys.
const EC_SIGNATURES: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4];
/// 1.2.840.10045.4.3: those with SHA-2.
const EC_SHA2: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3];
/// 1.2.840.10040.4: DSA.
const DSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 4];
/// 1.3.101: Edwards curves (RFC 8410).
const EDWARDS: &[u8] = &[0x2b, 0x65];
/// 2.16.840.1.101.3.4.2: NIST's hashes.
const NIST_HASHES: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2];
/// 2.16.840.1.101.3.4.3: NIST's signatures.
const NIST_SIGNATURES: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3];

fn curve_named(oid: &[u8]) -> Curve {
    match oid {
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 1] => Curve::P192,
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7] => Curve::P256,
        [0x2b, 0x81, 4, 0, 33] => Curve::P224,
        [0x2b, 0x81, 4, 0, 34] => Curve::P384,
        [0x2b, 0x81, 4, 0, 35] => Curve::P521,
        [0x2b, 0x81, 4, 0, 10] => Curve::Secp256k1,
        _ => Curve::Other,
    }
}

impl KeyKind {
    /// As OpenSSL counts the strength of keys; `None` where the kind is not known well enough.
    pub fn security_bits(self) -> Option<u32> {
        match self {
            Self::Rsa { bits, .. } => Some(match bits {
                15_360.. => 256,
                7_680.. => 192,
                3_072.. => 128,
                2_048.. => 112,
                1_024.. => 80,
                _ => 0,
            }),
            Self::Ec(Curve::P192) => Some(96),
            Self::Ec(Curve::P224) => Some(112),
            Self::Ec(Curve::P256 | Curve::Secp256k1) | Self::Ed25519 => Some(128),
            Self::Ec(Curve::P384) => Some(192),
            Self::Ed448 => Some(224),
            Self::Ec(Curve::P521) => Some(256),
            Self::Ec(Curve::Other) | Self::EcExplicit | Self::Dsa | Self::MlDsa | Self::Other => None,
        }
    }

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rsa { pss: false, .. } => "RSA",
            Self::Rsa { pss: true, .. } => "RSA-PSS",
            Self::Ec(Curve::P192) => "EC P-192",
            Self::Ec(Curve::P224) => "EC P-224",
            Self::Ec(Curve::P256) => "EC P-256",
            Self::Ec(Curve::P384) => "EC P-384",
            Self::Ec(Curve::P521) => "EC P-521",
            Self::Ec(Curve::Secp256k1) => "EC secp256k1",
            Self::Ec(Curve::Other) | Self::EcExplicit => "EC",
            Self::Ed25519 => "Ed25519",
            Self::Ed448 => "Ed448",
            Self::Dsa => "DSA",
            Self::MlDsa => "ML-DSA",
            Self::Other => "unknown",
        }
    }

    /// The length that people know it by, where the name does not say it.
    pub fn bits(self) -> Option<u32> {
        match self {
            Self::Rsa { bits, .. } => Some(bits),
            _ => None,
        }
    }
}

impl Hash {
    /// As OpenSSL counts the strength of signatures, since version 3.
    pub fn security_bits(self) -> u32 {
        match self {
            Self::Md5 => 39,
            Self::Sha1 => 63,
            Self::Sha224 => 112,
            Self::Sha256 => 128,
            Self::Sha384 => 192,
            Self::Sha512 => 256,
        }
    }
}

/// What `algorithm` signs with: an AlgorithmIdentifier without the sequence around it.
pub fn signature_kind(algorithm: &[u8]) -> SignatureKind {
    let mut fields = Reader::new(algorithm);
    let known = |hash, name| SignatureKind { hash, name: Some(name) };
    match fields.content(tag::OID).and_then(<[u8]>::split_last) {
        Some((4, PKCS_1)) => known(Some(Hash::Md5), "RSA with MD5"),
        Some((5, PKCS_1)) => known(Some(Hash::Sha1), "RSA with SHA-1"),
        Some((10, PKCS_1)) => known(pss_hash(fields), "RSA-PSS"),
        Some((11, PKCS_1)) => known(Some(Hash::Sha256), "RSA with SHA-256"),
        Some((12, PKCS_1)) => known(Some(Hash::Sha384), "RSA with SHA-384"),
        Some((13, PKCS_1)) => known(Some(Hash::Sha512), "RSA with SHA-512"),
        Some((14, PKCS_1)) => known(Some(Hash::Sha224), "RSA with SHA-224"),
        Some((1, EC_SIGNATURES)) => known(Some(Hash::Sha1), "ECDSA with SHA-1"),
        Some((1, EC_SHA2)) => known(Some(Hash::Sha224), "ECDSA with SHA-224"),
        Some((2, EC_SHA2)) => known(Some(Hash::Sha256), "ECDSA with SHA-256"),
        Some((3, EC_SHA2)) => known(Some(Hash::Sha384), "ECDSA with SHA-384"),
        Some((4, EC_SHA2)) => known(Some(Hash::Sha512), "ECDSA with SHA-512"),
        Some((3, DSA)) => known(Some(Hash::Sha1), "DSA with SHA-1"),
        Some((0x70, EDWARDS)) => known(None, "Ed25519"),
        Some((0x71, EDWARDS)) => known(None, "Ed448"),
        Some((0x11..=0x13, NIST_SIGNATURES)) => known(None, "ML-DSA"),
        _ => SignatureKind { hash: None, name: None },
    }
}

/// The hash of RSASSA-PSS parameters (RFC 4055, section 3.1): SHA-1 where they name none.
fn pss_hash(mut fields: Reader<'_>) -> Option<Hash> {
    let mut parameters = match fields.is_empty() {
        true => return Some(Hash::Sha1),
        false => fields.inside(tag::SEQUENCE)?,
    };
    let Some(hash) = parameters.optional(tag::constructed(0)) else { return Some(Hash::Sha1) };
    let oid = Reader::new(hash).inside(tag::SEQUENCE)?.content(tag::OID)?;
    match oid.split_last()? {
        (0x1a, [0x2b, 0x0e, 3, 2]) => Some(Hash::Sha1),
        (1, NIST_HASHES) => Some(Hash::Sha256),
        (2, NIST_HASHES) => Some(Hash::Sha384),
        (3, NIST_HASHES) => Some(Hash::Sha512),
        (4, NIST_HASHES) => Some(Hash::Sha224),
        _ => None,
    }
}
