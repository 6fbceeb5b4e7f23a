//! What a set of roots says of a chain, as devices see it: by this program's TLS library, by rules as lenient as OpenSSL's,
//! and by those rules with the ones for the anchor.
//!
//! Where the library is content, its own path is held against the rules, and that is all. Only else are all paths sought.

mod constraints;
mod host;
mod last_verdict;
mod library;
mod path;
mod rules;
mod signature;
pub(crate) mod store;
#[cfg(test)]
mod tests;

use std::time::{Duration, SystemTime};

use rustls::{
    crypto::WebPkiSupportedAlgorithms,
    pki_types::{CertificateDer, ServerName, UnixTime},
};

use self::{
    library::{Used, UsedAnchor},
    path::{Candidate, Found, Search},
    rules::{Anchor, Path, RulesVerdict},
};
pub(crate) use self::{
    signature::{can_check, of_handshake},
    store::Store,
};
use super::{certificate, clock, roots::Roots};
use crate::{
    observation::{
        self, ChainEnd, ChainVerdict, Flaw, HubRoot, Identity, NameMatch, PathCertificate, StoreVerdict, Trust,
    },
    wire::x509::{Certificate, Name, PublicKey, readable_name},
};

/// Certificates of a chain beyond these are passed over; real chains have two to four.
const MAX_SENT: usize = 40;

/// What the stores say of a presented chain, of which `records` are the first certificates.
pub(crate) fn judge(
    presented: &[CertificateDer<'_>],
    records: &[observation::Certificate],
    roots: &Roots,
    algorithms: WebPkiSupportedAlgorithms,
    name: &ServerName<'_>,
    now: UnixTime,
) -> Trust {
    let chain = Chain::new(presented, records, algorithms);
    let (device, hub) = chain.verdicts(roots, now);
    let name_match = chain.matched(name);
    let verified_at = clock::timestamp(SystemTime::UNIX_EPOCH + Duration::from_secs(now.as_secs()));
    let hub_root = hub.as_ref().filter(|hub| hub.leads_to_a_root()).and_then(|hub| hub.path.last());
    let hub_root =
        hub_root.and_then(|root| Some(HubRoot { subject: root.subject.clone()?, sha256: root.sha256.clone()? }));
    let trust = Trust {
        verified_at,
        name_matches: name_match.is_some(),
        name_match,
        library_name_matches: Some(chain.library_matches(name)),
        device,
        hub,
        hub_root,
        signature_verified: None,
        identity: Identity::Unverified,
    };
    trust.signed(None)
}

/// A chain to be judged.
pub(crate) struct Chain<'a> {
    presented: &'a [CertificateDer<'a>],
    /// Those that can be read.
    sent: Vec<Certificate<'a>>,
    /// What is recorded of the first of them.
    records: &'a [observation::Certificate],
    algorithms: WebPkiSupportedAlgorithms,
}

impl<'a> Chain<'a> {
    pub(crate) fn new(
        presented: &'a [CertificateDer<'a>],
        records: &'a [observation::Certificate],
        algorithms: WebPkiSupportedAlgorithms,
    ) -> Self {
        let sent = presented.iter().take(MAX_SENT).filter_map(|der| Certificate::read(der)).collect();
        Self { presented, sent, records, algorithms }
    }

    /// How the peer's own certificate is for `name`.
    fn matched(&self, name: &ServerName<'_>) -> Option<NameMatch> {
        host::matched(self.own()?, name)
    }

    /// Whether this program's TLS library finds it to be for `name`.
    fn library_matches(&self, name: &ServerName<'_>) -> bool {
        self.presented.first().is_some_and(|own| library::is_for(own, name))
    }

    /// What the device's roots and the hub's, if they are known, say at a time.
    pub(crate) fn verdicts(&self, roots: &Roots, now: UnixTime) -> (StoreVerdict, Option<StoreVerdict>) {
        let device = self.judged_by(&roots.device, None, now);
        // What the device has besides may complete a chain that was cut short, whosever it is.
        let hub = roots.hub.as_ref().map(|(store, _)| self.judged_by(store, Some(&roots.device), now));
        (device, hub)
    }

    /// What the roots of `store` say at a time. Certificates in `helpers` may stand between, trusted or not.
    fn judged_by(&self, store: &Store, helpers: Option<&Store>, now: UnixTime) -> StoreVerdict {
        if let Some(verdict) = store.last_verdict.verdict(self.presented, now) {
            return verdict;
        }
        let seconds = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        let library = match library::judge(self.presented, &self.sent, store, &self.algorithms, now) {
            Ok(used) => match self.held_against_the_rules(&used, seconds) {
                Some(verdict) => {
                    store.last_verdict.keep(self.presented, now, &verdict);
                    return verdict;
                }
                None => ChainVerdict::Trusted,
            },
            Err(verdict) => verdict,
        };
        let Some(own) = self.own() else {
            return ChainVerdict::Rejected { reason: Flaw::Malformed, at: Some(0) }.into();
        };
        let roots: Vec<Certificate<'_>> = store.certificates().filter_map(Certificate::read).collect();
        let helpers: Vec<Certificate<'_>> =
            helpers.into_iter().flat_map(Store::certificates).filter_map(Certificate::read).collect();
        let mut candidates: Vec<Candidate<'_>> = roots.iter().map(|root| Candidate::new(root, true)).collect();
        for other in self.sent.iter().chain(&helpers) {
            if !candidates.iter().any(|known| known.certificate.der == other.der) {
                candidates.push(Candidate::new(other, false));
            }
        }
        let found = Search::new(&candidates, store, &self.algorithms).from(own);
        self.best(&found, &roots, library, seconds)
    }

    /// The library's verdict on time comes before all others, so that it says nothing of them.
    fn best(&self, found: &Found<'_>, roots: &[Certificate<'_>], library: ChainVerdict, now: i64) -> StoreVerdict {
        let judged = found.to_roots.iter().map(|path| (path, rules::judge(path, now)));
        let best = judged.max_by_key(|(path, judged)| (rank(*judged), std::cmp::Reverse(path.certificates.len())));
        let (RulesVerdict { lenient, strict }, path, end) = match best {
            Some((path, judged)) => (judged, self.written(path), None),
            None if found.gave_up => {
                let verdict = ChainVerdict::Rejected { reason: Flaw::TooComplex, at: None };
                (RulesVerdict { lenient: verdict, strict: verdict }, Vec::new(), None)
            }
            None => {
                let verdict = ChainVerdict::UnknownIssuer;
                let path = found.other_root.as_ref().unwrap_or(&found.dead_end);
                let steps = path.iter().map(|certificate| self.step(certificate)).collect();
                (RulesVerdict { lenient: verdict, strict: verdict }, steps, self.end(found, roots))
            }
        };
        let library = match library {
            ChainVerdict::Expired | ChainVerdict::NotYetValid => lenient,
            other => other,
        };
        StoreVerdict { strict, lenient, library, path, end }
    }

    fn own(&self) -> Option<&Certificate<'a>> {
        let own = self.presented.first()?;
        self.sent.first().filter(|sent| sent.der == own.as_ref())
    }

    /// The verdict, where the path that the library took keeps all the rules.
    fn held_against_the_rules(&self, used: &Used<'_>, now: i64) -> Option<StoreVerdict> {
        let root = match used.anchor {
            UsedAnchor::Certificate(der) => Some(Certificate::read(der)?),
            UsedAnchor::Bare(_) => None,
        };
        let read = |der: &&[u8]| self.sent.iter().find(|sent| sent.der == *der);
        let mut certificates: Vec<&Certificate<'_>> = used.certificates.iter().map(read).collect::<Option<_>>()?;
        // The library compares no more than name and key; a certificate that has both of its root is not yet that root.
        if let (Some(root), Some(last)) = (&root, certificates.last()) {
            let is_root_itself = last.der == root.der;
            let looks_like_it = last.key.info == root.key.info && last.subject.is(&root.subject);
            if is_root_itself || looks_like_it {
                return None;
            }
        }
        certificates.extend(&root);
        let anchor = match used.anchor {
            UsedAnchor::Certificate(_) => Anchor::Certificate,
            UsedAnchor::Bare(root) => Anchor::Bare(root),
        };
        let path = Path { certificates, anchor, checked: true };
        let judged = rules::judge(&path, now);
        (judged.strict == ChainVerdict::Trusted).then(|| StoreVerdict {
            strict: judged.strict,
            lenient: judged.lenient,
            library: ChainVerdict::Trusted,
            path: self.written(&path),
            end: None,
        })
    }

    fn end(&self, found: &Found<'_>, roots: &[Certificate<'_>]) -> Option<ChainEnd> {
        let public = Store::public();
        if let Some(root) = found.other_root.as_ref().and_then(|path| path.last()) {
            let is_it = |known: &PublicKey<'_>| known.info == root.key.info;
            let public = public.bare_named(&root.subject).any(|known| has_key(known, is_it));
            return Some(ChainEnd::OtherRoot { subject: root.subject.readable(), public });
        }
        let last = found.dead_end.last()?;
        let signed_it = |key: &PublicKey<'_>| signature::of(last, key, &self.algorithms) == signature::Signature::Good;
        let issuer = last.issuer.readable();
        Some(match public.bare_named(&last.issuer).any(|known| has_key(known, signed_it)) {
            true => ChainEnd::OtherRoot { subject: issuer, public: true },
            false => {
                let relative = roots.iter().find(|root| is_of_one_organization(&root.subject, &last.issuer));
                let relative = relative.and_then(|root| root.subject.readable());
                ChainEnd::NotSent { issuer, namesake: found.namesake, relative }
            }
        })
    }

    fn written(&self, path: &Path<'_>) -> Vec<PathCertificate> {
        let mut steps: Vec<_> = path.certificates.iter().map(|certificate| self.step(certificate)).collect();
        if let Anchor::Bare(root) = path.anchor {
            let subject = readable_name(&root.subject);
            steps.push(PathCertificate { subject, sha256: None, not_before: None, not_after: None, sent: false });
        }
        steps
    }

    fn step(&self, certificate: &Certificate<'_>) -> PathCertificate {
        let at = self.presented.iter().position(|sent| sent.as_ref() == certificate.der);
        match at.and_then(|at| self.records.get(at)) {
            Some(record) => PathCertificate {
                subject: record.subject.clone(),
                sha256: Some(record.sha256.clone()),
                not_before: record.not_before.clone(),
                not_after: record.not_after.clone(),
                sent: true,
            },
            None => PathCertificate {
                subject: certificate.subject.readable(),
                sha256: Some(certificate::sha256(certificate.der)),
                not_before: certificate.validity.map(|validity| certificate::rfc3339(validity.from)),
                not_after: certificate.validity.map(|validity| certificate::rfc3339(validity.to)),
                sent: at.is_some(),
            },
        }
    }
}

fn is_of_one_organization(one: &Name<'_>, other: &Name<'_>) -> bool {
    one.organizations().any(|name| other.organizations().any(|other| other.eq_ignore_ascii_case(&name)))
}

fn has_key(root: &rustls::pki_types::TrustAnchor<'_>, is_it: impl Fn(&PublicKey<'_>) -> bool) -> bool {
    PublicKey::read(&webpki::spki_for_anchor(root)).is_some_and(|key| is_it(&key))
}

/// Of two paths, the one that devices get further with ranks higher.
fn rank(judged: RulesVerdict) -> u8 {
    match (judged.strict, judged.lenient) {
        (ChainVerdict::Trusted, _) => 6,
        (ChainVerdict::Rejected { reason: Flaw::AnchorNotSelfSigned, .. }, ChainVerdict::Trusted) => 4,
        (_, ChainVerdict::Trusted) => 5,
        (_, ChainVerdict::Expired | ChainVerdict::NotYetValid) => 3,
        (_, ChainVerdict::Rejected { reason: Flaw::WeakKey | Flaw::WeakSignature, .. }) => 2,
        (_, ChainVerdict::Rejected { .. }) => 1,
        (_, ChainVerdict::UnknownIssuer) => 0,
    }
}
