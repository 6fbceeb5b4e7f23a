//! Name servers that answer well, wrongly, or not at all.

use std::net::{Ipv4Addr, SocketAddr};

use hubreach::{
    Report,
    diagnosis::{Confidence, Severity, Verdict},
    observation::{DnsAnswer, DnsQuery, DnsRecord, DnsTransport, Experiment, ResolutionSource, kind},
    responder::Behaviour,
};

use super::{
    fixture::{Fixture, HOST, finding},
    support::dns::{Edns, NameServer, Zone},
};

/// Checks a healthy hub whose name is asked for at servers with these zones.
async fn check(zones: &[Zone]) -> Report {
    let start = |zone: &Zone| NameServer::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), zone.clone());
    let servers: Vec<_> = zones.iter().map(|zone| start(zone).expect("a name server")).collect();
    let mut fixture = Fixture::behaving(Behaviour::default()).await;
    fixture.settings.addresses.clear();
    fixture.settings.resolvers = servers.iter().map(NameServer::address).collect();
    fixture.check().await
}

fn good() -> Zone {
    Zone::of(&[(HOST, &["127.0.0.1"])])
}

#[track_caller]
fn all(report: &Report, verdict: Verdict) {
    assert!(report.checks().all(|check| check.verdict == verdict), "{:#?}", report.diagnosis.findings);
}

#[tokio::test]
async fn a_name_server_of_the_users_choice() {
    let report = check(&[good()]).await;
    all(&report, Verdict::Allowed);
    assert_eq!(report.observations.resolution.source, ResolutionSource::NamedServers);
    assert!(
        report.diagnosis.findings.iter().all(|finding| finding.severity == Severity::Info),
        "{:#?}",
        report.diagnosis.findings
    );
}

#[tokio::test]
async fn aliases_are_followed_and_recorded() {
    let report = check(&[Zone::of(&[(HOST, &["gateway.test"]), ("gateway.test", &["127.0.0.1"])])]).await;
    all(&report, Verdict::Allowed);
    assert_eq!(report.observations.resolution.cname, ["gateway.test"]);
}

#[tokio::test]
async fn what_does_not_fit_into_a_datagram_is_asked_for_in_a_stream() {
    all(&check(&[Zone { truncate: true, ..good() }]).await, Verdict::Allowed);
}

/// All that was asked of the hub's name, as `edns`, `plain` and so on, and what it got.
fn asked(report: &Report, record: DnsRecord) -> Vec<String> {
    let dns = report.observations.experiments.iter().filter_map(Experiment::facts::<kind::Dns>);
    let queries = dns.flat_map(|dns| &dns.queries).filter(|query| query.record == record);
    let form = |query: &DnsQuery| match (query.transport, query.edns, query.checking_disabled) {
        (DnsTransport::Tcp, ..) => "tcp",
        (_, _, true) => "unchecked",
        (_, true, false) => "edns",
        (_, false, false) => "plain",
    };
    let got = |query: &DnsQuery| match &query.answer {
        DnsAnswer::Answered(reply) if reply.truncated => "truncated".to_owned(),
        DnsAnswer::Answered(reply) => reply.rcode.clone(),
        DnsAnswer::Elsewhere { from } => format!("from {from}"),
        other => format!("{other:?}").to_lowercase(),
    };
    queries.map(|query| format!("{} {}", form(query), got(query))).collect()
}

#[tokio::test]
async fn a_healthy_name_is_asked_for_once_for_each_record_type() {
    let report = check(&[good()]).await;
    assert_eq!(asked(&report, DnsRecord::A), ["edns NOERROR"]);
    assert_eq!(asked(&report, DnsRecord::Aaaa), ["edns NOERROR"]);
    assert_eq!(report.observations.experiments.len(), 1, "{:#?}", report.observations.experiments);
}

#[tokio::test]
async fn a_server_that_refuses_edns_is_asked_without() {
    let report = check(&[Zone { edns: Edns::Refused, ..good() }]).await;
    all(&report, Verdict::Allowed);
    assert_eq!(asked(&report, DnsRecord::A), ["edns FORMERR", "plain NOERROR"]);
    assert!(report.observations.resolution.duration_ms < Some(500.0), "{:?}", report.observations.resolution);
    assert!(
        report.diagnosis.findings.iter().all(|finding| finding.severity == Severity::Info),
        "{:#?}",
        report.diagnosis.findings
    );
}

#[tokio::test]
async fn where_edns_is_dropped_the_name_is_known_without_it() {
    let report = check(&[Zone { edns: Edns::Dropped, ..good() }]).await;
    all(&report, Verdict::Allowed);
    assert_eq!(asked(&report, DnsRecord::A), ["plain NOERROR", "edns silent"]);
    assert!(report.observations.resolution.duration_ms < Some(1500.0), "{:?}", report.observations.resolution);
    assert!(
        report.diagnosis.findings.iter().all(|finding| finding.severity == Severity::Info),
        "{:#?}",
        report.diagnosis.findings
    );
}

#[tokio::test]
async fn what_does_not_fit_without_edns_fits_with_it() {
    let report = check(&[Zone { truncate_plain: true, mute_tcp: true, ..good() }]).await;
    all(&report, Verdict::Allowed);
    assert_eq!(asked(&report, DnsRecord::A), ["edns NOERROR"]);
}

#[tokio::test]
async fn answers_from_another_address_are_seen_and_not_taken() {
    let report = check(&[Zone { answer_from: Some([127, 0, 0, 2].into()), mute_tcp: true, ..good() }]).await;
    all(&report, Verdict::Unknown);
    let asked = asked(&report, DnsRecord::A);
    assert!(asked.contains(&"edns from 127.0.0.2".to_owned()), "{asked:?}");
}

#[tokio::test]
async fn where_a_server_fails_it_is_asked_not_to_validate() {
    let error = Some((9, "no DNSKEY".to_owned()));
    let report = check(&[Zone { bogus: true, extended_error: error, ..good() }]).await;
    all(&report, Verdict::Unknown);
    assert_eq!(asked(&report, DnsRecord::A), ["edns SERVFAIL", "unchecked NOERROR"]);
}

#[tokio::test]
async fn names_in_capital_letters_are_the_same_names() {
    let zone = Zone::of(&[(HOST, &["gateway.test"]), ("gateway.test", &["127.0.0.1"])]);
    let report = check(&[Zone { shout: true, ..zone }]).await;
    all(&report, Verdict::Allowed);
    assert_eq!(report.observations.resolution.cname, ["gateway.test"]);
}

#[tokio::test]
async fn a_server_that_never_answers_for_aaaa_costs_little() {
    let report = check(&[Zone { mute: Some("AAAA".to_owned()), ..good() }]).await;
    all(&report, Verdict::Allowed);
    assert_eq!(finding(&report, "dns-partial").confidence, Confidence::Confirmed);
    assert!(report.observations.resolution.duration_ms < Some(1000.0), "{:?}", report.observations.resolution);
}

/// As over a satellite, or where the server itself waits for others: later than any datagram is waited for before the next.
#[tokio::test]
async fn an_answer_that_comes_late_is_taken() {
    for mute_tcp in [true, false] {
        let report = check(&[Zone { delay_ms: 2500, mute_tcp, ..good() }]).await;
        all(&report, Verdict::Allowed);
        let finding = finding(&report, "dns-partial");
        assert!(finding.title().starts_with("Name servers take seconds"), "{}", finding.title());
    }
}

#[tokio::test]
async fn one_of_two_servers_suffices() {
    let report = check(&[Zone::mute(), good()]).await;
    all(&report, Verdict::Allowed);
    assert_eq!(finding(&report, "dns-partial").severity, Severity::Warning);
}

#[tokio::test]
async fn denials_are_told_apart() {
    let zones = [
        (Zone::default(), "dns-name-not-found"),
        (Zone::of(&[(HOST, &["nothing.test"]), ("nothing.test", &[])]), "dns-no-address"),
        (Zone { rcode: Some(2), ..Zone::default() }, "dns-server-failure"),
        (Zone { rcode: Some(5), ..Zone::default() }, "dns-server-failure"),
        (Zone::mute(), "dns-timeout"),
    ];
    for (zone, code) in zones {
        let report = check(&[zone]).await;
        all(&report, Verdict::Unknown);
        assert_eq!(finding(&report, code).confidence, Confidence::Confirmed, "{code}");
        assert_eq!(report.diagnosis.findings.len(), 1, "{:#?}", report.diagnosis.findings);
    }
}

/// A stranger's answer, rubbish, a name that points at itself: no harm, and nobody is accused of what was not seen.
#[tokio::test]
async fn hostile_answers_are_survived() {
    let spoiled = [
        Zone { wrong_id: true, ..good() },
        Zone { raw: Some(vec![0xff; 300]), ..good() },
        // A compression pointer to itself, in the question's name.
        Zone { raw: Some(b"\x81\x80\0\x01\0\x01\0\0\0\0\xc0\x0c\0\x01\0\x01".to_vec()), ..good() },
        Zone { truncate: true, mute: Some("A".to_owned()), ..good() },
    ];
    for zone in spoiled {
        let report = check(&[zone]).await;
        assert!(report.observations.duration_ms < 9000.0, "{} ms", report.observations.duration_ms);
    }
}

#[tokio::test]
async fn a_server_that_lies_is_the_cause_of_what_answers_there() {
    let start = |zone| NameServer::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), zone).expect("a name server");
    let server = start(Zone { wildcard: vec![Ipv4Addr::LOCALHOST.into()], ..Zone::default() });
    let stranger = hubreach::responder::CertificateAuthority::new().expect("an authority");
    let known = hubreach::responder::CertificateAuthority::new().expect("an authority");
    let identity = stranger.issue(&[HOST.to_owned()], Default::default()).expect("a certificate");
    let mut fixture = Fixture::with(identity, Behaviour::default(), Some(known.pem()), Some(known.pem())).await;
    fixture.settings.addresses.clear();
    fixture.settings.resolvers = vec![server.address()];
    let report = fixture.check().await;
    all(&report, Verdict::Blocked);
    let hijack = finding(&report, "dns-hijack");
    assert_eq!((hijack.confidence, hijack.severity), (Confidence::Confirmed, Severity::Error));
    assert_eq!(finding(&report, "tls-intercepted").depends_on.as_ref(), Some(&hijack.id));
    let asked = report.observations.experiments.iter().filter_map(Experiment::facts::<kind::DnsWildcard>);
    assert_eq!(asked.count(), 1, "{:#?}", report.observations.experiments);
}
