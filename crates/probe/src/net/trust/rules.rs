//! The rules that a path must keep: those of OpenSSL 3 with its default settings, at security level 2, which distributions
//! and its newer versions have.

use rustls::pki_types::TrustAnchor;

use super::constraints;
use crate::{
    observation::{ChainVerdict, Flaw},
    wire::x509::{AuthorityKey, Certificate, GeneralName, signature_kind},
};

/// Of keys and hashes, as security level 2 wants it.
const MIN_SECURITY_BITS: u32 = 112;

/// The last of a path.
#[derive(Debug, Clone, Copy)]
pub(super) enum Anchor<'a> {
    /// The last certificate of the path itself.
    Certificate,
    /// A name and a key: the last certificate of the path is signed by it.
    Bare(&'a TrustAnchor<'static>),
}

/// From the peer's own certificate to the last, each signed by the next.
#[derive(Debug, Clone)]
pub(super) struct Path<'a> {
    pub(super) certificates: Vec<&'a Certificate<'a>>,
    pub(super) anchor: Anchor<'a>,
    /// Whether every signature could be checked.
    pub(super) checked: bool,
}

/// What is to be said of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RulesVerdict {
    /// Whatever the anchor.
    pub(super) lenient: ChainVerdict,
    /// With the rules for the anchor.
    pub(super) strict: ChainVerdict,
}

/// Judges a path at a time, in seconds since 1970.
pub(super) fn judge(path: &Path<'_>, now: i64) -> RulesVerdict {
    if let Some((reason, at)) = flaw(path) {
        let verdict = ChainVerdict::Rejected { reason, at: Some(at) };
        return RulesVerdict { lenient: verdict, strict: verdict };
    }
    let (anchor, below) = match (path.anchor, path.certificates.split_last()) {
        (Anchor::Certificate, Some((anchor, below))) => (Some(*anchor), below),
        _ => (None, path.certificates.as_slice()),
    };
    // A pinned certificate is its own anchor, and the peer's own as well.
    let below = if below.is_empty() { &path.certificates } else { below };
    let lenient = validity(below, now);
    let strict = match (lenient, anchor) {
        (ChainVerdict::Trusted, Some(anchor)) => anchor_flaw(anchor, now).map_or(ChainVerdict::Trusted, |reason| {
            ChainVerdict::Rejected { reason, at: Some(path.certificates.len() - 1) }
        }),
        (lenient, _) => lenient,
    };
    RulesVerdict { lenient, strict }
}

fn validity(certificates: &[&Certificate<'_>], now: i64) -> ChainVerdict {
    let mut validities = certificates.iter().filter_map(|certificate| certificate.validity);
    if validities.clone().any(|validity| validity.to < now) {
        ChainVerdict::Expired
    } else if validities.any(|validity| now < validity.from) {
        ChainVerdict::NotYetValid
    } else {
        ChainVerdict::Trusted
    }
}

fn anchor_flaw(anchor: &Certificate<'_>, now: i64) -> Option<Flaw> {
    if !is_self_signed(anchor) {
        return Some(Flaw::AnchorNotSelfSigned);
    }
    match anchor.validity {
        Some(validity) if validity.to < now => Some(Flaw::AnchorExpired),
        Some(validity) if now < validity.from => Some(Flaw::AnchorNotYetValid),
        _ => None,
    }
}

/// Its signature is not verified: the store vouches for it.
fn is_self_signed(certificate: &Certificate<'_>) -> bool {
    certificate.is_self_issued() && is_key_of(certificate.extensions.authority_key.as_ref(), certificate)
}

/// The first rule that a path breaks, times and the anchor's own rules apart, and where.
fn flaw(path: &Path<'_>) -> Option<(Flaw, usize)> {
    let certificates = &path.certificates;
    let last = match path.anchor {
        Anchor::Certificate => certificates.len().saturating_sub(1),
        Anchor::Bare(_) => certificates.len(),
    };
    let mut authorities_below = 0;
    for (at, certificate) in certificates.iter().enumerate() {
        let broken = form(certificate)
            .or_else(|| (at > 0).then(|| authority(certificate, at == last)).flatten())
            .or_else(|| purpose(certificate, at > 0))
            .or_else(|| {
                let most = certificate.extensions.basic_constraints.and_then(|constraints| constraints.path_length);
                (at > 1 && most.is_some_and(|most| authorities_below > most)).then_some(Flaw::PathTooLong)
            });
        if let Some(flaw) = broken {
            return Some((flaw, at));
        }
        if at > 0 && !certificate.is_self_issued() {
            authorities_below += 1;
        }
    }
    for (at, certificate) in certificates.iter().enumerate() {
        let is_weak = |bits: Option<u32>| bits.is_some_and(|bits| bits < MIN_SECURITY_BITS);
        if is_weak(certificate.key.kind().security_bits()) {
            return Some((Flaw::WeakKey, at));
        }
        let hash = signature_kind(certificate.signature_algorithm).hash;
        if at < last && is_weak(hash.map(|hash| hash.security_bits())) {
            return Some((Flaw::WeakSignature, at));
        }
    }
    for (at, pair) in certificates.windows(2).enumerate() {
        if !is_key_of(pair[0].extensions.authority_key.as_ref(), pair[1]) {
            return Some((Flaw::KeyIdentifier, at));
        }
    }
    names(certificates).or_else(|| (!path.checked).then_some((Flaw::UnknownAlgorithm, 0)))
}

fn form(certificate: &Certificate<'_>) -> Option<Flaw> {
    let extensions = &certificate.extensions;
    if extensions.malformed || certificate.validity.is_none() || !certificate.same_algorithm_within {
        Some(Flaw::Malformed)
    } else if extensions.unknown_critical {
        Some(Flaw::CriticalExtension)
    } else {
        None
    }
}

/// Whether an issuer is an authority. An anchor may be one of an older time, when nothing in a certificate said so.
fn authority(certificate: &Certificate<'_>, is_anchor: bool) -> Option<Flaw> {
    let extensions = &certificate.extensions;
    if extensions.key_usage.is_some_and(|usage| !usage.signs_certificates()) {
        return Some(Flaw::MayNotSign);
    }
    let is_authority = match extensions.basic_constraints {
        Some(constraints) => constraints.ca,
        None => {
            let is_old_root = certificate.version == 1 && is_self_signed(certificate);
            is_anchor && (is_old_root || extensions.key_usage.is_some())
        }
    };
    (!is_authority).then_some(Flaw::NotAnAuthority)
}

fn purpose(certificate: &Certificate<'_>, is_issuer: bool) -> Option<Flaw> {
    let extensions = &certificate.extensions;
    if extensions.for_servers == Some(false) {
        Some(Flaw::NotForServers)
    } else if !is_issuer && extensions.key_usage.is_some_and(|usage| !usage.serves_tls()) {
        Some(Flaw::KeyUsage)
    } else {
        None
    }
}

/// Whether `issuer` is the one that an authority key identifier speaks of.
fn is_key_of(identifier: Option<&AuthorityKey<'_>>, issuer: &Certificate<'_>) -> bool {
    let Some(identifier) = identifier else { return true };
    let same = |named: Option<&[u8]>, is: Option<&[u8]>| !matches!((named, is), (Some(named), Some(is)) if named != is);
    let directory = identifier.issuer.iter().flatten().find_map(|name| match name {
        GeneralName::Directory(name) => Some(name),
        _ => None,
    });
    same(identifier.key, issuer.extensions.subject_key)
        && same(identifier.serial, Some(issuer.serial))
        && directory.is_none_or(|name| name.is(&issuer.issuer))
}

/// Whether every certificate keeps to the name constraints of all above it. Self-issued ones between need not.
fn names(certificates: &[&Certificate<'_>]) -> Option<(Flaw, usize)> {
    for (at, authority) in certificates.iter().enumerate().skip(1) {
        let Some(constraints) = &authority.extensions.name_constraints else { continue };
        for (below, certificate) in certificates[..at].iter().enumerate() {
            if below > 0 && certificate.is_self_issued() {
                continue;
            }
            match constraints::are_kept(certificate, constraints, below == 0) {
                Some(true) => {}
                Some(false) => return Some((Flaw::NameConstraints, at)),
                None => return Some((Flaw::TooComplex, at)),
            }
        }
    }
    None
}
