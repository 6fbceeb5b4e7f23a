//! Roots: trusted certificates.

use std::ops::Range;

use rustls::pki_types::{CertificateDer, TrustAnchor};

use super::last_verdict::LastVerdict;
use crate::wire::x509::{Name, subject_of};

/// A set of roots. They are kept as they were read, and are looked into only when a chain leads to one of them.
#[derive(Debug, Default)]
pub(crate) struct Store {
    certificates: Vec<Held>,
    /// Roots of which there are but name and key.
    bare: &'static [TrustAnchor<'static>],
    pub(super) last_verdict: LastVerdict,
}

#[derive(Debug)]
struct Held {
    der: CertificateDer<'static>,
    /// Where its subject stands in it.
    subject: Range<usize>,
}

impl Store {
    /// Of all that are certificates.
    pub(crate) fn of(certificates: impl IntoIterator<Item = CertificateDer<'static>>) -> Self {
        let held = certificates.into_iter().filter_map(|der| {
            let subject = subject_of(&der)?;
            let start = subject.as_ptr().addr() - der.as_ptr().addr();
            Some(Held { subject: start..start + subject.len(), der })
        });
        Self { certificates: held.collect(), ..Self::default() }
    }

    /// The public roots that are built into this program.
    pub(crate) fn public() -> Self {
        Self { bare: webpki_roots::TLS_SERVER_ROOTS, ..Self::default() }
    }

    pub(crate) fn len(&self) -> usize {
        self.certificates.len() + self.bare.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them that are certificates.
    pub(super) fn certificates(&self) -> impl Iterator<Item = &[u8]> {
        self.certificates.iter().map(|held| held.der.as_ref())
    }

    /// Those whose subject's bytes are those of `name`.
    pub(super) fn named(&self, name: &Name<'_>) -> impl Iterator<Item = &CertificateDer<'static>> {
        let name = name.content();
        self.certificates
            .iter()
            .filter(move |held| held.der.get(held.subject.clone()) == Some(name))
            .map(|held| &held.der)
    }

    /// Those of which there are but name and key, the name being `name`.
    pub(super) fn bare_named(&self, name: &Name<'_>) -> impl Iterator<Item = &'static TrustAnchor<'static>> {
        let name = name.content();
        self.bare.iter().filter(move |root| root.subject.as_ref() == name)
    }
}
