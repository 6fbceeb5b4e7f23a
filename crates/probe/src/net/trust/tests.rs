//! Chains of all kinds, held against stores of all kinds. That the rules are OpenSSL's is for `tests/peers` to say.

use std::time::{Duration, Instant};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, GeneralSubtree, IsCa, Issuer, KeyPair,
    NameConstraints, date_time_ymd,
};
use rustls::{
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, UnixTime},
};

use super::*;

/// A certificate with the key that it is for.
struct Made {
    key: KeyPair,
    params: CertificateParams,
    der: CertificateDer<'static>,
}

fn params(name: &str, change: impl FnOnce(&mut CertificateParams)) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "Example Trust");
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2040, 1, 1));
    change(&mut params);
    params
}

fn root_with(name: &str, change: impl FnOnce(&mut CertificateParams)) -> Made {
    let (key, params) = (KeyPair::generate().expect("a key"), params(name, change));
    let der = params.self_signed(&key).expect("a certificate").der().clone();
    Made { key, params, der }
}

fn new_root(name: &str) -> Made {
    root_with(name, |_| ())
}

impl Made {
    fn signs(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Made {
        let (key, params) = (KeyPair::generate().expect("a key"), params(name, change));
        let der = params.signed_by(&key, &Issuer::from_params(&self.params, &self.key)).expect("a certificate");
        Made { der: der.der().clone(), key, params }
    }

    fn signs_authority(&self, name: &str) -> Made {
        self.signs(name, |_| ())
    }

    fn signs_server(&self) -> Made {
        self.signs("hub.test", server)
    }

    /// The same subject and key, signed by another.
    fn also_signed_by(&self, other: &Made) -> CertificateDer<'static> {
        let issuer = Issuer::from_params(&other.params, &other.key);
        self.params.signed_by(&self.key, &issuer).expect("a certificate").der().clone()
    }
}

fn server(params: &mut CertificateParams) {
    params.is_ca = IsCa::NoCa;
    params.subject_alt_names = vec![rcgen::SanType::DnsName("hub.test".try_into().expect("a name"))];
}

fn expired(params: &mut CertificateParams) {
    (params.not_before, params.not_after) = (date_time_ymd(2010, 1, 1), date_time_ymd(2022, 1, 1));
}

/// 2026.
const NOW: UnixTime = UnixTime::since_unix_epoch(Duration::from_secs(1_790_000_000));

fn judged_with(sent: &[&CertificateDer<'static>], store: &[&Made], helpers: &[&Made]) -> StoreVerdict {
    let chain: Vec<CertificateDer<'_>> = sent.iter().map(|der| (*der).clone()).collect();
    let algorithms = aws_lc_rs::default_provider().signature_verification_algorithms;
    let held = |made: &[&Made]| Store::of(made.iter().map(|made| made.der.clone()));
    Chain::new(&chain, &[], algorithms).judged_by(&held(store), Some(&held(helpers)), NOW)
}

fn judged(sent: &[&CertificateDer<'static>], store: &[&Made]) -> StoreVerdict {
    judged_with(sent, store, &[])
}

/// The verdicts: strict, lenient, of the library.
fn three(verdict: &StoreVerdict) -> [ChainVerdict; 3] {
    [verdict.strict, verdict.lenient, verdict.library]
}

fn rejected(reason: Flaw, at: usize) -> ChainVerdict {
    ChainVerdict::Rejected { reason, at: Some(at) }
}

fn by_library(reason: Flaw) -> ChainVerdict {
    ChainVerdict::Rejected { reason, at: None }
}

use ChainVerdict::{Expired, Trusted, UnknownIssuer};

#[test]
fn a_whole_chain_is_trusted_in_whatever_order_and_company() {
    let root = new_root("Root");
    let authority = root.signs_authority("Issuing CA");
    let (own, stranger) = (authority.signs_server(), new_root("Stranger"));
    let verdict = judged(&[&own.der, &authority.der], &[&root]);
    assert_eq!((three(&verdict), verdict.end.as_ref()), ([Trusted; 3], None));
    let steps: Vec<_> =
        verdict.path.iter().map(|step| (step.subject.as_deref().unwrap_or_default(), step.sent)).collect();
    let trust = |name: &str| format!("CN={name},O=Example Trust");
    assert_eq!(steps, [(&*trust("hub.test"), true), (&*trust("Issuing CA"), true), (&*trust("Root"), false)]);
    for sent in [
        &[&own.der, &authority.der, &root.der][..],
        &[&own.der, &root.der, &authority.der],
        &[&own.der, &own.der, &authority.der, &authority.der],
        &[&own.der, &stranger.der, &authority.der],
    ] {
        assert_eq!(three(&judged(sent, &[&root, &stranger])), [Trusted; 3], "{}", sent.len());
    }
}

#[test]
fn a_chain_cut_short_ends_at_the_issuer_that_was_not_sent() {
    let root = new_root("Root");
    let authority = root.signs_authority("Issuing CA");
    let own = authority.signs_server();
    let verdict = judged(&[&own.der], &[&root]);
    assert_eq!((three(&verdict), verdict.vouches(), verdict.path.len()), ([UnknownIssuer; 3], None, 1));
    let issuer = Some("CN=Issuing CA,O=Example Trust".to_owned());
    let relative = Some("CN=Root,O=Example Trust".to_owned());
    assert_eq!(verdict.end, Some(ChainEnd::NotSent { issuer: issuer.clone(), namesake: false, relative }));
    // What somebody has completes it, for whoever's roots are asked.
    let verdict = judged_with(&[&own.der], &[&root], &[&authority]);
    assert_eq!((verdict.strict, verdict.library, verdict.vouches()), (Trusted, UnknownIssuer, Some(true)));
    assert_eq!(verdict.path.iter().map(|step| step.sent).collect::<Vec<_>>(), [true, false, false]);
    // An old authority of the same name did not sign it.
    let old = root.signs_authority("Issuing CA");
    let verdict = judged(&[&own.der, &old.der], &[&root]);
    assert!(matches!(verdict.end, Some(ChainEnd::NotSent { namesake: true, .. })), "{:?}", verdict.end);
}

#[test]
fn a_chain_to_another_root_ends_there() {
    let (root, other) = (new_root("Root"), new_root("Inspection"));
    let own = other.signs_server();
    let other_root = ChainEnd::OtherRoot { subject: Some("CN=Inspection,O=Example Trust".to_owned()), public: false };
    for verdict in [judged(&[&own.der, &other.der], &[&root]), judged_with(&[&own.der], &[&root], &[&other])] {
        assert_eq!((verdict.strict, verdict.vouches()), (UnknownIssuer, Some(false)));
        assert_eq!(verdict.end.as_ref(), Some(&other_root));
    }
    // A name alone leads nowhere.
    let verdict = judged(&[&own.der], &[&new_root("Inspection")]);
    assert_eq!((verdict.strict, verdict.vouches()), (UnknownIssuer, None));
}

#[test]
fn an_anchor_has_rules_of_its_own() {
    let old = root_with("Old Root", expired);
    let authority = old.signs_authority("Issuing CA");
    let own = authority.signs_server();
    let sent = [&own.der, &authority.der];
    let verdict = judged(&sent, &[&old]);
    assert_eq!(three(&verdict), [rejected(Flaw::AnchorExpired, 2), Trusted, Trusted]);
    assert_eq!(verdict.path[2].not_after.as_deref(), Some("2022-01-01T00:00:00Z"));
    assert_eq!(three(&judged(&sent, &[&authority])), [rejected(Flaw::AnchorNotSelfSigned, 1), Trusted, Trusted]);
    assert_eq!(three(&judged(&sent, &[&own])), [rejected(Flaw::AnchorNotSelfSigned, 0), Trusted, UnknownIssuer]);
    // The better of two paths counts.
    assert_eq!(judged(&sent, &[&authority, &old]).strict, rejected(Flaw::AnchorExpired, 2));
    let new = new_root("New Root");
    let cross = authority.also_signed_by(&new);
    for sent in [[&own.der, &cross, &authority.der], [&own.der, &authority.der, &cross]] {
        assert_eq!(judged(&sent, &[&old, &new]).strict, Trusted);
    }
}

#[test]
fn a_pinned_certificate_is_trusted_even_an_authoritys() {
    let own = root_with("hub.test", |params| {
        server(params);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    });
    assert_eq!(three(&judged(&[&own.der], &[&own])), [Trusted, Trusted, by_library(Flaw::AuthorityAsServer)]);
    // Another of the same name and key is not that one.
    let renewed = own.params.self_signed(&own.key).expect("a certificate").der().clone();
    let verdict = judged(&[&renewed], &[&own]);
    assert_eq!((verdict.strict, verdict.vouches()), (UnknownIssuer, Some(false)));
}

#[test]
fn what_a_store_remembers_is_of_that_chain_at_that_time() {
    let root = new_root("Root");
    let (own, other) = (root.signs_server(), new_root("Stranger").signs_server());
    let store = Store::of([root.der.clone()]);
    let algorithms = aws_lc_rs::default_provider().signature_verification_algorithms;
    let strict = |der: &CertificateDer<'static>, at| {
        Chain::new(std::slice::from_ref(der), &[], algorithms).judged_by(&store, None, at).strict
    };
    let later = UnixTime::since_unix_epoch(Duration::from_secs(NOW.as_secs() + 10_000 * 365 * 86_400));
    for _ in 0..2 {
        assert_eq!([strict(&own.der, NOW), strict(&own.der, NOW)], [Trusted; 2]);
        assert_eq!(strict(&other.der, NOW), UnknownIssuer);
        assert_eq!(strict(&own.der, later), Expired);
    }
    let verdicts =
        [(); 2].map(|()| Chain::new(std::slice::from_ref(&own.der), &[], algorithms).judged_by(&store, None, NOW));
    assert_eq!(verdicts[0], verdicts[1], "as it was judged");
}

#[test]
fn only_time_fails_only_where_nothing_else_does() {
    let root = new_root("Root");
    let own = root.signs("hub.test", |params| {
        server(params);
        expired(params);
    });
    assert_eq!(three(&judged(&[&own.der], &[&root])), [Expired; 3]);
    let verdict = judged(&[&own.der], &[&new_root("Other")]);
    assert_eq!((three(&verdict), verdict.is_only_time()), ([UnknownIssuer; 3], false));
    let no_authority = root.signs("No CA", |params| params.is_ca = IsCa::ExplicitNoCa);
    let below = no_authority.signs("hub.test", |params| {
        server(params);
        expired(params);
    });
    let verdict = judged(&[&below.der, &no_authority.der], &[&root]);
    assert_eq!((verdict.strict, verdict.is_only_time()), (rejected(Flaw::NotAnAuthority, 1), false));
    // An expired certificate beside the path changes nothing.
    let authority = root.signs_authority("Issuing CA");
    let own = authority.signs_server();
    let old = root_with("Old Root", expired);
    let cross = authority.also_signed_by(&old);
    assert_eq!(judged(&[&own.der, &cross, &authority.der, &old.der], &[&root]).strict, Trusted);
}

#[test]
fn rules_that_a_path_breaks_are_named() {
    let root = new_root("Root");
    let constrained = root.signs("Constrained CA", |params| {
        let permitted_subtrees = vec![GeneralSubtree::DnsName("other.test".to_owned())];
        params.name_constraints = Some(NameConstraints { permitted_subtrees, excluded_subtrees: Vec::new() });
    });
    let own = constrained.signs_server();
    let flaw = rejected(Flaw::NameConstraints, 1);
    assert_eq!(
        three(&judged(&[&own.der, &constrained.der], &[&root])),
        [flaw, flaw, by_library(Flaw::NameConstraints)]
    );
    let short = root.signs("Short CA", |params| params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0)));
    let below = short.signs_authority("Below CA");
    let own = below.signs_server();
    let verdict = judged(&[&own.der, &below.der, &short.der], &[&root]);
    assert_eq!(verdict.strict, rejected(Flaw::PathTooLong, 2));
    assert_eq!((verdict.vouches(), verdict.flaw()), (None, Some(Flaw::PathTooLong)));
}

#[test]
fn what_a_peer_shows_costs_no_time_without_end() {
    // Authorities that sign each other: every order of them is a path by its signatures.
    let all: Vec<Made> = (0..8).map(|at| new_root(&format!("CA {at}"))).collect();
    let own = all[0].signs_server();
    let mut sent = vec![own.der.clone()];
    for (at, one) in all.iter().enumerate() {
        sent.extend(
            all.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, other)| one.also_signed_by(other)),
        );
    }
    let began = Instant::now();
    let stranger = new_root("Stranger");
    let verdict = judged(&sent.iter().collect::<Vec<_>>(), &[&stranger]);
    assert!(matches!(verdict.strict, ChainVerdict::Rejected { reason: Flaw::TooComplex, .. }), "{verdict:?}");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}
