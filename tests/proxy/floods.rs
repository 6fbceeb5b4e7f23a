//! Proxies that keep sending: the program ends by its deadline, in little memory, with a verdict.

use std::time::Duration;

use hubreach::{
    Report,
    diagnosis::{CheckVerdict, Verdict},
    hub::Protocol,
    responder::Validity,
};

use super::{
    fixture::{Fixture, HOST},
    program::{Ended, Program},
    proxy::{Behaviour, Instead, Page, Proxy, Rules, Step},
};

const DEADLINE: Duration = Duration::from_secs(3);

/// One check through a proxy that floods it.
async fn flooded(fixture: &Fixture, behaviour: Behaviour) -> (Ended, Report) {
    let proxy = Proxy::start(behaviour).await;
    let ca = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(ca.path(), fixture.authority.pem()).expect("written");
    let (url, port) = (proxy.url(), format!("mqtt={}", fixture.port(Protocol::Mqtt)));
    let ended = tokio::task::spawn_blocking(move || {
        let ca = ca.path().to_str().expect("UTF-8");
        let fixed =
            ["check", HOST, "--address", "127.0.0.1", "--protocol", "mqtt", "--route", "proxy", "--timeout", "3s"];
        let more = ["--proxy", &url, "--port", &port, "--ca", ca, "--hub-ca", ca, "--format", "json", "-q"];
        Program::start(&[&fixed[..], &more].concat()).end()
    });
    let ended = ended.await.expect("no panic");
    let report = Report::from_json(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:?}"));
    (ended, report)
}

fn codes(report: &Report) -> Vec<&str> {
    report.diagnosis.findings.iter().map(|finding| finding.code.id()).collect()
}

/// A proxy, what it does wrong, and the code that this has.
fn floods(fixture: &Fixture) -> Vec<(&'static str, Behaviour, &'static str)> {
    let denying = |page| {
        let mut behaviour = Behaviour::http().with_rules(Rules::default().refusing(HOST));
        behaviour.http.page = page;
        behaviour
    };
    let asked = |instead| Behaviour::http().but(Step::Request, instead);
    let greeted = |instead| Behaviour::socks().but(Step::Greeting, instead);
    let marked = format!("HTTP/1.1 100 Continue\r\nServer: {}\r\n\r\n", "@".repeat(500)).into_bytes();
    let sealed = Behaviour::http().with_tls(fixture.proxy_identity(Validity::default()));
    let protocol = "proxy-protocol-error";
    vec![
        ("headers without end", asked(Instead::Headers), protocol),
        (
            "one header without end",
            asked(Instead::Flood(b"HTTP/1.1 200 OK\r\nX: ".iter().chain(&[b'a'; 9000]).copied().collect())),
            protocol,
        ),
        ("interim answers without end", asked(Instead::Interims), protocol),
        ("the same with marks of credentials", asked(Instead::Flood(marked)), protocol),
        ("a page without end", denying(Page::Endless), "proxy-host-denied"),
        ("no HTTP", asked(Instead::Flood(vec![b'A'; 1000])), protocol),
        ("before it is asked", Behaviour::http().but(Step::Accept, Instead::Flood(vec![b'A'; 1000])), protocol),
        ("in TLS", sealed.clone().but(Step::Request, Instead::Headers), protocol),
        (
            "in TLS's place",
            Behaviour { tls: sealed.tls, ..Behaviour::http().but(Step::Accept, Instead::Flood(vec![b'A'; 1000])) },
            protocol,
        ),
        ("SOCKS, no version", greeted(Instead::Flood(vec![0; 1000])), protocol),
        ("SOCKS, its version", greeted(Instead::Flood(vec![5; 1000])), "proxy-auth-required"),
        ("SOCKS, replies", Behaviour::socks().but(Step::Request, Instead::Flood(vec![5, 0, 0, 3, 255])), "not-tls"),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_flood_is_bounded_and_judged() {
    let fixture = Fixture::new().await;
    for (what, behaviour, code) in floods(&fixture) {
        let (ended, report) = flooded(&fixture, behaviour).await;
        ended.is_bounded(what, DEADLINE);
        let [CheckVerdict { verdict, summary, .. }] = &report.diagnosis.verdicts[..] else { panic!("{report:#?}") };
        let known = codes(&report);
        assert!(*verdict == Verdict::Blocked && known == [code], "{what}: {verdict} {summary}, {known:?}");
    }
}

/// What floods the tunnel is the tunnel's: its rules for hubs count.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flooded_tunnel_is_bounded() {
    let fixture = Fixture::new().await;
    let behaviour = Behaviour::http().with_rules(fixture.rules()).but(Step::Tunnel, Instead::Flood(vec![b'A'; 1000]));
    let (ended, report) = flooded(&fixture, behaviour).await;
    ended.is_bounded("a tunnel", DEADLINE);
    assert_eq!(report.diagnosis.verdicts[0].verdict, Verdict::Blocked, "{:#?}", report.diagnosis);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_that_is_slow_is_cut_short() {
    let fixture = Fixture::new().await;
    let (ended, report) = flooded(&fixture, Behaviour::http().but(Step::Request, Instead::Drip)).await;
    ended.is_bounded("a drip", DEADLINE);
    assert!(report.observations.deadline_reached && codes(&report).is_empty(), "{:#?}", report.diagnosis);
}
