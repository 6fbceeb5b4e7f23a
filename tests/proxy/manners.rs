//! Manners of real proxies that cost nobody anything: the hub is reached, at once, and nothing is looked into.

use std::time::Duration;

use hubreach::hub::Route;

use super::{
    fixture::{Fixture, assert_well, verdict},
    proxy::{Behaviour, Bound},
};

type Change = fn(&mut Behaviour);

#[track_caller]
fn of(base: Behaviour, change: Change) -> Behaviour {
    let mut behaviour = base;
    change(&mut behaviour);
    behaviour
}

fn header(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[tokio::test]
async fn an_http_proxy_may_answer_as_it_likes() {
    let fixture = Fixture::new().await;
    let cases: [(&str, Change); 8] = [
        ("as most do", |_| {}),
        ("in HTTP/1.0", |proxy| proxy.http.minor_version = 0),
        ("with a length", |proxy| proxy.http.granted_headers = vec![header("Content-Length", "1000")]),
        ("in chunks", |proxy| proxy.http.granted_headers = vec![header("Transfer-Encoding", "chunked")]),
        ("with the connection's end", |proxy| {
            proxy.http.granted_headers = vec![header("Connection", "close"), header("Proxy-Connection", "close")];
        }),
        ("after interim answers", |proxy| proxy.http.interims = 3),
        ("byte by byte", |proxy| proxy.segment = Some(1)),
        ("late", |proxy| proxy.delay = Duration::from_millis(300)),
    ];
    for (what, change) in cases {
        let (proxy, report) = fixture.through(of(Behaviour::http().with_rules(fixture.rules()), change)).await;
        assert_well(&report, what);
        assert_eq!((proxy.connections().len(), proxy.asked().len()), (2, 2), "{what}");
    }
}

#[tokio::test]
async fn a_socks_proxy_may_be_bound_anywhere() {
    let fixture = Fixture::new().await;
    let cases: [(&str, Change); 4] = [
        ("in IPv4", |_| {}),
        ("in IPv6", |proxy| proxy.socks.bound = Bound::V6),
        ("at a name", |proxy| proxy.socks.bound = Bound::Name("proxy.test".to_owned())),
        ("byte by byte", |proxy| proxy.segment = Some(1)),
    ];
    for (what, change) in cases {
        let (_, report) = fixture.through(of(Behaviour::socks().with_rules(fixture.rules()), change)).await;
        assert_well(&report, what);
    }
}

/// What comes in one segment with the proxy's answer is the tunnel's. A hub does not speak first, so the bytes are another's:
/// if they are not lost, they are told.
#[tokio::test]
async fn what_follows_the_answer_at_once_is_the_tunnels() {
    for base in [Behaviour::http(), Behaviour::socks()] {
        let fixture = Fixture::new().await;
        let (_, report) = fixture
            .through(Behaviour { glued: b"SSH-2.0-early\r\n".to_vec(), ..base.with_rules(fixture.rules()) })
            .await;
        let evidence = report.diagnosis.findings.iter().flat_map(|finding| finding.evidence()).collect::<Vec<_>>();
        assert!(evidence.iter().any(|line| line.contains("SSH-2.0-early")), "{:#?}", report.diagnosis);
        assert_eq!(verdict(&report, "mqtt@proxy").summary, "speaks SSH in clear");
    }
}

/// A certificate of the proxy itself is asked for where the setting says so, and none of it is taken for the hub's.
#[tokio::test]
async fn a_proxy_may_be_spoken_to_in_tls() {
    let fixture = Fixture::new().await;
    let identity = fixture.proxy_identity(hubreach::responder::Validity::default());
    let (proxy, report) = fixture.through(Behaviour::http().with_tls(identity).with_rules(fixture.rules())).await;
    assert_well(&report, "over TLS");
    assert!(proxy.url().starts_with("https://") && proxy.connections().iter().all(|connection| connection.has_tls));
    let attempt = &report.observations.checks[0].attempts[0];
    let consent = attempt.proxy.as_ref().and_then(|consent| consent.success()).expect("it was granted");
    let of = |tls: &hubreach::observation::TlsEvidence| tls.chain[0].sha256.clone();
    let own = of(consent.tls.as_ref().expect("a handshake with the proxy"));
    assert_ne!(own, of(attempt.tls.success().expect("a handshake with the hub")));
    assert_eq!(report.observations.checks[0].route, Route::Proxy);
}
