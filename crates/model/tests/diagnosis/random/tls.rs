//! What TLS shows: certificates, who vouches for them, and failures.

use hubreach::observation::{
    Certificate, ChainEnd, ChainVerdict, Flaw, Identity, PathCertificate, StoreVerdict, TlsEvidence, TlsFailure, Trust,
};
use proptest::{collection::vec, option, prelude::*, sample::select};

use super::{
    answers::alert,
    few_bytes,
    words::{first_bytes, library, text},
};

pub fn tls_evidence() -> impl Strategy<Value = TlsEvidence> {
    let alpn_offered = select(vec![None, Some("x-amzn-mqtt-ca".to_owned())]);
    (option::of(text()), alpn_offered, any::<bool>(), vec(certificate(), 0..3), option::of(trust())).prop_map(
        |(version, alpn_offered, client_certificate_requested, chain, trust)| TlsEvidence {
            version,
            alpn_offered,
            client_certificate_requested,
            chain,
            trust,
            ..TlsEvidence::default()
        },
    )
}

pub fn tls_failure() -> impl Strategy<Value = TlsFailure> {
    prop_oneof![
        (few_bytes(), option::of(any::<bool>()), any::<bool>()).prop_map(
            |(bytes_received, acknowledged, unreachable)| {
                TlsFailure::TimedOut { bytes_received, acknowledged, unreachable }
            }
        ),
        few_bytes().prop_map(|bytes_received| TlsFailure::Closed { bytes_received }),
        few_bytes().prop_map(|bytes_received| TlsFailure::Reset { bytes_received }),
        first_bytes().prop_map(|first_bytes| TlsFailure::NotTls { first_bytes }),
        (alert(), text()).prop_map(|(code, name)| TlsFailure::Alert { code, name }),
        Just(TlsFailure::NotAccepted),
        Just(TlsFailure::Downgraded),
        library().prop_map(|reason| TlsFailure::Incompatible { reason }),
        library().prop_map(|reason| TlsFailure::Invalid { reason }),
        any::<u64>().prop_map(|bytes_received| TlsFailure::Flood { bytes_received }),
        library().prop_map(|message| TlsFailure::Other { message }),
    ]
}

fn certificate() -> impl Strategy<Value = Certificate> {
    (option::of(text()), option::of(text()), vec(text(), 0..9), option::of(text())).prop_map(
        |(subject, issuer, names, not_before)| Certificate {
            subject,
            issuer,
            names,
            not_before: not_before.clone(),
            not_after: not_before,
            sha256: "x".repeat(5000),
            ..Certificate::default()
        },
    )
}

fn trust() -> BoxedStrategy<Trust> {
    let identity = select(vec![
        Identity::Proven,
        Identity::Trusted,
        Identity::Intercepted,
        Identity::UntrustedHere,
        Identity::Foreign,
        Identity::Unverified,
    ]);
    (text(), any::<bool>(), store(), option::of(store()), option::of(any::<bool>()), identity)
        .prop_map(|(verified_at, name_matches, device, hub, signature_verified, identity)| Trust {
            verified_at,
            name_matches,
            name_match: None,
            library_name_matches: None,
            device,
            hub,
            hub_root: None,
            signature_verified,
            identity,
        })
        .boxed()
}

fn store() -> BoxedStrategy<StoreVerdict> {
    let step = (option::of(text()), option::of(text()), any::<bool>()).prop_map(|(subject, not_after, sent)| {
        let (sha256, not_before) = (subject.clone(), not_after.clone());
        PathCertificate { subject, sha256, not_before, not_after, sent }
    });
    let end = prop_oneof![
        (option::of(text()), any::<bool>(), option::of(text()))
            .prop_map(|(issuer, namesake, relative)| ChainEnd::NotSent { issuer, namesake, relative }),
        (option::of(text()), any::<bool>()).prop_map(|(subject, public)| ChainEnd::OtherRoot { subject, public }),
    ];
    (chain_verdict(), chain_verdict(), chain_verdict(), vec(step, 0..4), option::of(end))
        .prop_map(|(strict, lenient, library, path, end)| StoreVerdict { strict, lenient, library, path, end })
        .boxed()
}

fn chain_verdict() -> impl Strategy<Value = ChainVerdict> {
    prop_oneof![
        Just(ChainVerdict::Trusted),
        Just(ChainVerdict::Expired),
        Just(ChainVerdict::NotYetValid),
        Just(ChainVerdict::UnknownIssuer),
        (select(Flaw::ALL), option::of(0_usize..9)).prop_map(|(reason, at)| ChainVerdict::Rejected { reason, at }),
    ]
}
