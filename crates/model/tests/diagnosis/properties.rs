//! Whatever was observed, contradictions and hostile text included, gets a diagnosis that holds together.

use std::{
    cell::Cell,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use hubreach::{
    diagnose,
    hub::{CheckId, Depth, KINDS, Needed, Protocol, Requirement, Role, Route},
    observation::{
        Attempt, Certificate, ChainEnd, ChainVerdict, CheckObservations, ConnectEvidence, ConnectFailure, Ending,
        ExchangeEvidence, ExchangeFailure, FirstBytes, Flaw, HttpResponse, HubSummary, Identity, Observations, Outcome,
        PathCertificate, Resolution, ResolveFailure, RootSource, StageResult, StoreVerdict, TlsEvidence, TlsFailure,
        Trust, TrustStore, UpgradeEvidence, UpgradeFailure, Vantage,
    },
};
use proptest::{collection::vec, option, prelude::*, sample::select};

use crate::{
    hellos, paths,
    sound::assert_sound,
    words::{LIBRARY, assert_fits, assert_well_said},
};

pub fn every_diagnosis_holds_together() {
    proptest!(config(), |(seen in observations())| {
        let diagnosis = diagnose(&seen);
        assert_sound(&seen, &diagnosis);
        assert_fits(&seen, &diagnosis);
        prop_assert_eq!(diagnose(&seen), diagnosis, "the same facts are judged alike");
    });
}

pub fn every_sentence_is_whole() {
    proptest!(config(), |(seen in ordinary_observations())| assert_well_said(&diagnose(&seen)));
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() }
}

thread_local! {
    /// Whether peers say ordinary words in the observations that are being put together.
    static ORDINARY: Cell<bool> = const { Cell::new(false) };
}

/// The same, but that no peer has spaces or braces of its own to add to our sentences.
fn ordinary_observations() -> impl Strategy<Value = Observations> {
    ORDINARY.set(true);
    let ordinary = observations();
    ORDINARY.set(false);
    ordinary
}

fn observations() -> impl Strategy<Value = Observations> {
    let asked = (
        select(KINDS.iter().map(|facts| facts.kind).collect::<Vec<_>>()),
        option::of(Just(RootSource::BuiltIn)),
        select(vec![Depth::Connect, Depth::Tls, Depth::Exchange, Depth::Exchange, Depth::Exchange]),
        select(vec![Role::Device, Role::Gateway]),
        requirement(),
        text(),
    );
    let second = (hellos::experiments(address()), paths::experiments(addresses()));
    (asked, resolution(), vec(attempts(), 0..=5), second).prop_map(
        |((kind, roots, depth, role, requirement, host), resolution, checks, (hellos, paths))| Observations {
            proxy: None,
            started_at: String::new(),
            duration_ms: 1.0,
            deadline_reached: true,
            partial: true,
            vantage: Vantage {
                host: None,
                utc_offset_minutes: None,
                os: "linux".to_owned(),
                gateway: None,
                resolvers: vec![host.clone()],
                unused_resolvers: Vec::new(),
                proxy_settings: Vec::new(),
                trust_store: TrustStore { source: RootSource::Native, roots: 0 },
                network: None,
            },
            experiments: hellos::of_hub(&host, hellos).into_iter().chain(paths).collect(),
            hub: HubSummary { host, kind, kind_assumed: roots.is_none(), roots },
            depth,
            role,
            requirement,
            resolution,
            checks: Protocol::ALL
                .iter()
                .copied()
                .zip(checks)
                .map(|(protocol, attempts)| check(protocol, attempts))
                .collect(),
        },
    )
}

fn check(protocol: Protocol, attempts: Vec<Attempt>) -> CheckObservations {
    let port = match protocol {
        Protocol::Mqtt => 8883,
        Protocol::Amqp => 5671,
        _ => 443,
    };
    let id = CheckId::from(format!("{protocol}@direct").as_str());
    CheckObservations { id, protocol, port, route: Route::Direct, duration_ms: 1.0, attempts }
}

fn requirement() -> impl Strategy<Value = Requirement> {
    let needed = Needed { protocol: Protocol::Mqtt, route: None };
    select(vec![Requirement::Any, Requirement::All, Requirement::None, Requirement::Each(vec![needed])])
}

fn resolution() -> impl Strategy<Value = Resolution> {
    let outcome = prop_oneof![
        6 => Just(Outcome::Ok),
        1 => select(vec![Outcome::Failed, Outcome::NotReached, Outcome::Cancelled]),
    ];
    let failure = library().prop_flat_map(|message| {
        select(vec![
            ResolveFailure::NameNotFound,
            ResolveFailure::NoAddress,
            ResolveFailure::TryAgain,
            ResolveFailure::ServerFailure,
            ResolveFailure::TimedOut,
            ResolveFailure::Other { message },
        ])
    });
    (outcome, option::of(millis()), vec(address(), 0..3), option::of(failure)).prop_map(
        |(outcome, duration_ms, addresses, failure)| Resolution {
            outcome,
            duration_ms,
            addresses,
            failure,
            ..Resolution::default()
        },
    )
}

fn attempts() -> impl Strategy<Value = Vec<Attempt>> {
    let stages = (
        stage_result(connect_evidence(), connect_failure(), 4),
        stage_result(tls_evidence(), tls_failure(), 3),
        option::of(stage_result(upgrade_evidence(), upgrade_failure(), 2)),
        stage_result(exchange_evidence(), exchange_failure(), 2),
    );
    let attempt = (address(), stages).prop_map(|(address, (connect, tls, upgrade, exchange))| Attempt {
        proxy: None,
        address,
        connect,
        tls,
        upgrade,
        exchange,
    });
    vec(attempt, 0..=3)
}

/// Stages are drawn apart from each other, so they may contradict each other, as in a file that somebody edited.
fn stage_result<E, F>(
    evidence: impl Strategy<Value = E> + 'static,
    failure: impl Strategy<Value = F>,
    successes: u32,
) -> impl Strategy<Value = StageResult<E, F>>
where
    E: std::fmt::Debug + Clone,
    F: std::fmt::Debug + Clone,
{
    let evidence = evidence.boxed();
    prop_oneof![
        successes => (millis(), evidence.clone()).prop_map(|(duration_ms, evidence)| StageResult::Ok { duration_ms, evidence }),
        2 => (millis(), failure, option::of(evidence))
            .prop_map(|(duration_ms, failure, evidence)| StageResult::Failed { duration_ms, failure, evidence }),
        1 => prop_oneof![Just(StageResult::NotReached), millis().prop_map(|duration_ms| StageResult::Cancelled { duration_ms })],
    ]
}

fn connect_evidence() -> impl Strategy<Value = ConnectEvidence> {
    Just(ConnectEvidence { local: None, retransmits: None, hedged: false })
}

fn connect_failure() -> impl Strategy<Value = ConnectFailure> {
    prop_oneof![
        option::of(any::<u32>()).prop_map(|retransmits| ConnectFailure::TimedOut { retransmits }),
        any::<bool>().prop_map(|icmp_ruled_out| ConnectFailure::Refused { icmp_ruled_out }),
        (select(vec![1u8, 3, 11, 200]), 0..16u8, option::of(address()), any::<bool>()).prop_map(
            |(icmp_type, code, offender, from_this_machine)| {
                ConnectFailure::Icmp { icmp_type, code, offender, from_this_machine }
            }
        ),
        Just(ConnectFailure::NoRoute),
        text().prop_map(|errno| ConnectFailure::Local { errno }),
        option::of(any::<u64>()).prop_map(|taken| ConnectFailure::NoPort { range: Some((40000, 40039)), taken }),
        text().prop_map(|message| ConnectFailure::NoResources { message }),
        text().prop_map(|message| ConnectFailure::Other { message }),
    ]
}

fn tls_evidence() -> impl Strategy<Value = TlsEvidence> {
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

fn tls_failure() -> impl Strategy<Value = TlsFailure> {
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

fn upgrade_evidence() -> impl Strategy<Value = UpgradeEvidence> {
    (text(), response(), any::<bool>(), option::of(text())).prop_map(
        |(offered, response, accept_matches, subprotocol)| UpgradeEvidence {
            offered,
            response,
            accept_matches,
            subprotocol,
        },
    )
}

fn upgrade_failure() -> impl Strategy<Value = UpgradeFailure> {
    prop_oneof![
        status().prop_map(|status| UpgradeFailure::Refused { status }),
        Just(UpgradeFailure::BadAccept),
        Just(UpgradeFailure::BadSubprotocol),
        first_bytes().prop_map(|first_bytes| UpgradeFailure::NotHttp { first_bytes }),
        (few_bytes(), option::of(any::<bool>()))
            .prop_map(|(bytes_received, acknowledged)| UpgradeFailure::TimedOut { bytes_received, acknowledged }),
        Just(UpgradeFailure::TooLarge),
        ending().prop_map(UpgradeFailure::Ended),
    ]
}

fn exchange_evidence() -> impl Strategy<Value = ExchangeEvidence> {
    prop_oneof![
        (0..8u8).prop_map(|return_code| ExchangeEvidence::Mqtt { return_code, session_present: false }),
        vec(text(), 0..3).prop_map(|mechanisms| ExchangeEvidence::Amqp { mechanisms }),
        response().prop_map(|response| ExchangeEvidence::Https { response }),
    ]
}

fn exchange_failure() -> impl Strategy<Value = ExchangeFailure> {
    prop_oneof![
        (few_bytes(), option::of(any::<bool>()))
            .prop_map(|(bytes_received, acknowledged)| ExchangeFailure::TimedOut { bytes_received, acknowledged }),
        first_bytes().prop_map(|first_bytes| ExchangeFailure::Mismatch { first_bytes }),
        ending().prop_map(ExchangeFailure::Ended),
    ]
}

fn ending() -> impl Strategy<Value = Ending> {
    prop_oneof![
        Just(Ending::CloseNotify),
        (alert(), text()).prop_map(|(code, name)| Ending::Alert { code, name }),
        (option::of(any::<u16>()), text()).prop_map(|(code, reason)| Ending::WebSocketClose { code, reason }),
        Just(Ending::Fin),
        Just(Ending::Reset),
        Just(Ending::BadFrames),
        (any::<u64>(), any::<u32>()).prop_map(|(bytes_received, messages)| Ending::Flood { bytes_received, messages }),
        library().prop_map(|message| Ending::Other { message }),
    ]
}

fn response() -> impl Strategy<Value = HttpResponse> {
    let headers = vec((select(vec!["server", "via", "location", "iothub-errorcode"]), text()), 0..3);
    (status(), headers, text()).prop_map(|(status, headers, body_start)| HttpResponse {
        minor_version: 1,
        status,
        reason: String::new(),
        headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        body_start,
    })
}

/// Often one of the few values that a rule looks for.
fn status() -> impl Strategy<Value = u16> {
    prop_oneof![select(vec![200, 302, 400, 401, 403, 404, 426, 451, 503, 511]), any::<u16>()]
}

fn alert() -> impl Strategy<Value = u8> {
    prop_oneof![select(vec![40, 42, 70, 71, 112, 116]), any::<u8>()]
}

fn few_bytes() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), any::<u64>()]
}

fn millis() -> impl Strategy<Value = f64> {
    prop_oneof![select(vec![0.1, 12.0, 5000.0]), any::<f64>()]
}

/// Few, so that checks share them and each family has two.
fn addresses() -> Vec<IpAddr> {
    vec![
        IpAddr::from([192, 0, 2, 1]),
        IpAddr::from([192, 0, 2, 2]),
        IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(Ipv6Addr::LOCALHOST),
        IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1]),
    ]
}

fn address() -> impl Strategy<Value = IpAddr> {
    select(addresses())
}

fn first_bytes() -> BoxedStrategy<FirstBytes> {
    if ORDINARY.get() {
        let ordinary = select(vec!["HTTP/1.1 511 N", "HTTP/1.1 302 F", "HTTP/1.1 407 P", "<html>", "SSH-2.0-x"]);
        return ordinary.prop_map(|text| FirstBytes::of(text.as_bytes())).boxed();
    }
    prop_oneof![
        select(vec!["", "H", "HTTP/", "HTTP/1.1", "HTTP/1.1 511 N", "HTTP/1.1 302 F", "HTTP/1.1 \u{fffd}", "<html>"])
            .prop_map(|text| FirstBytes::of(text.as_bytes())),
        vec(any::<u8>(), 0..80).prop_map(|bytes| FirstBytes::of(&bytes)),
    ]
    .boxed()
}

/// What a peer may say: nothing, much, placeholders of our own texts, other scripts, terminal escapes.
pub fn text() -> BoxedStrategy<String> {
    if ORDINARY.get() {
        return select(vec!["peer", "a.test", "CN=Some CA,O=Some", "1970"]).prop_map(str::to_owned).boxed();
    }
    prop_oneof![
        select(vec!["", "{host}", "{", "\u{1b}[31m", "ErrorCode:IotHub", "{\"Message\":\"ErrorCode:X\"}", "1970"])
            .prop_map(str::to_owned),
        Just("é".repeat(4000)),
        ".{0,40}",
    ]
    .boxed()
}

/// What a library or the system says in words of its own.
fn library() -> impl Strategy<Value = String> {
    text().prop_map(|text| format!("{LIBRARY} {text}"))
}
