//! Which paths lead from the peer's certificate to a root: all of them, each step proved by a signature.

use std::cell::Cell;

use rustls::crypto::WebPkiSupportedAlgorithms;

use super::{
    rules::{Anchor, Path},
    signature::{self, Signature},
    store::Store,
};
use crate::wire::x509::{CanonicalName, Certificate, Name, PublicKey};

/// The longest path that is followed; real ones have two to four certificates.
const MAX_LEN: usize = 32;
/// Signatures that are checked for one chain at most: a peer can show many certificates of one name.
const MAX_SIGNATURES: u32 = 100;
/// Paths that are kept at most.
const MAX_PATHS: usize = 32;

/// A certificate that may stand in a path.
#[derive(Debug)]
pub(super) struct Candidate<'a> {
    pub(super) certificate: &'a Certificate<'a>,
    subject: CanonicalName,
    /// Whether it is one of the roots.
    pub(super) is_root: bool,
}

impl<'a> Candidate<'a> {
    pub(super) fn new(certificate: &'a Certificate<'a>, is_root: bool) -> Self {
        Self { certificate, subject: certificate.subject.canonical(), is_root }
    }
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found<'a> {
    /// Paths that end at one of the roots.
    pub(super) to_roots: Vec<Path<'a>>,
    /// The longest path that ends nowhere, or at another root.
    pub(super) dead_end: Vec<&'a Certificate<'a>>,
    /// Whether a certificate of the right name was there whose key did not sign the last of [`Self::dead_end`].
    pub(super) namesake: bool,
    /// A dead end that is a root, though none of these.
    pub(super) other_root: Option<Vec<&'a Certificate<'a>>>,
    /// Whether the search was given up.
    pub(super) gave_up: bool,
}

/// One search.
pub(super) struct Search<'a> {
    candidates: &'a [Candidate<'a>],
    store: &'a Store,
    algorithms: &'a WebPkiSupportedAlgorithms,
    signatures_left: Cell<u32>,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        candidates: &'a [Candidate<'a>],
        store: &'a Store,
        algorithms: &'a WebPkiSupportedAlgorithms,
    ) -> Self {
        Self { candidates, store, algorithms, signatures_left: Cell::new(MAX_SIGNATURES) }
    }

    /// Every path that begins with `own`.
    pub(super) fn from(&self, own: &'a Certificate<'a>) -> Found<'a> {
        let mut found = Found::default();
        self.extend(&mut vec![own], true, &mut found);
        found.gave_up |= self.signatures_left.get() == 0;
        found
    }

    fn extend(&self, path: &mut Vec<&'a Certificate<'a>>, checked: bool, found: &mut Found<'a>) {
        let Some(&last) = path.last() else { return };
        if found.to_roots.len() >= MAX_PATHS || path.len() > MAX_LEN {
            found.gave_up = true;
            return;
        }
        let is_root = self.candidates.iter().any(|other| other.is_root && other.certificate.der == last.der);
        if is_root {
            found.to_roots.push(Path { certificates: path.clone(), anchor: Anchor::Certificate, checked });
        }
        for root in self.store.bare_named(&last.issuer) {
            let info = webpki::spki_for_anchor(root);
            let signed = PublicKey::read(&info).is_some_and(|key| self.signature(last, &key) == Signature::Good);
            if signed {
                found.to_roots.push(Path { certificates: path.clone(), anchor: Anchor::Bare(root), checked });
            }
        }
        let mut namesake = false;
        let mut goes_on = is_root;
        for issuer in self.issuers_of(&last.issuer, path) {
            let signed = self.signature(last, &issuer.key);
            namesake |= signed == Signature::Bad;
            if signed != Signature::Bad {
                goes_on = true;
                path.push(issuer);
                self.extend(path, checked && signed == Signature::Good, found);
                path.pop();
            }
        }
        // One that names itself as its issuer is the end of its path.
        let is_other_root = last.is_self_issued() && checked && self.signature(last, &last.key) == Signature::Good;
        if !goes_on && is_other_root {
            found.other_root.get_or_insert_with(|| path.clone());
        } else if !goes_on && path.len() > found.dead_end.len() {
            found.dead_end.clone_from(path);
            found.namesake = namesake;
        }
    }

    /// Certificates of the name of an issuer that are not in the path, those of the store first: the shorter way.
    fn issuers_of(&self, name: &Name<'a>, path: &[&'a Certificate<'a>]) -> Vec<&'a Certificate<'a>> {
        let name = name.canonical();
        // The same subject with the same key leads round in a circle.
        let is_new = |other: &Certificate<'_>| {
            !path.iter().any(|step| step.key.info == other.key.info && step.subject.is(&other.subject))
        };
        let (roots, others): (Vec<_>, Vec<_>) = self
            .candidates
            .iter()
            .filter(|candidate| candidate.subject == name && is_new(candidate.certificate))
            .partition(|candidate| candidate.is_root);
        roots.into_iter().chain(others).map(|candidate| candidate.certificate).collect()
    }

    fn signature(&self, certificate: &Certificate<'_>, key: &PublicKey<'_>) -> Signature {
        match self.signatures_left.get() {
            0 => Signature::Bad,
            left => {
                self.signatures_left.set(left - 1);
                signature::of(certificate, key, self.algorithms)
            }
        }
    }
}
