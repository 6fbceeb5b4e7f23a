//! A proxy that takes the hub's name for another address than this device does.

use std::net::{IpAddr, SocketAddr};

use hubreach::{
    diagnosis::{Confidence::Confirmed, Owner::ProxyAdmin, Verdict},
    hub::Protocol,
    responder::{CertificateAuthority, Responder, ResponderConfig, Validity},
};

use super::{
    fixture::{Fixture, affects, errors, finding, told, verdict},
    proxy::{Behaviour, Rules, dead},
};

/// A hub of another authority, with its own name, which the proxy finds behind ours.
async fn stranger(name: &str) -> Responder {
    let authority = CertificateAuthority::named("Another Authority").expect("an authority");
    let identity = authority.issue(&[name.to_owned()], Validity::default()).expect("a certificate");
    Responder::start(ResponderConfig::loopback(identity)).await.expect("a hub")
}

/// By name to `mqtt` and `web`, by address to the hub itself.
fn rules(fixture: &Fixture, mqtt: SocketAddr, web: SocketAddr) -> Rules {
    let by_name = Rules::default()
        .leading(&fixture.target_of(Protocol::Mqtt), mqtt)
        .leading(&fixture.target_of(Protocol::Https), web);
    by_name.leading("hub.test:443", web)
}

#[tokio::test]
async fn another_server_answers_by_name_and_the_hub_by_address() {
    let fixture = Fixture::new().await;
    let other = stranger("other.test").await;
    let rules = rules(&fixture, other.mqtt().expect("served"), other.web().expect("served"));
    let (proxy, report) = fixture.through(Behaviour::http().with_rules(rules)).await;
    assert_eq!(verdict(&report, "mqtt@proxy").verdict, Verdict::Blocked, "{:#?}", report.diagnosis);
    let resolves = finding(&report, "proxy-upstream-failure");
    assert_eq!((resolves.confidence, resolves.owner), (Confirmed, ProxyAdmin), "{resolves:#?}");
    assert_eq!(affects(resolves), "mqtt@proxy https@proxy", "{:#?}", report.diagnosis);
    let evidence = resolves.evidence();
    let proves = |line: &String| line.contains("by that address the hub proves itself through the proxy");
    assert!(evidence.iter().any(proves), "{evidence:#?}");
    // All else that is told of the certificate follows from that.
    for finding in &report.diagnosis.findings {
        assert!(finding.id == resolves.id || finding.depends_on.as_ref() == Some(&resolves.id), "{finding:#?}");
    }
    assert!(proxy.targets().iter().any(|target| target.starts_with("127.0.0.1:")), "{:?}", proxy.targets());
}

/// A certificate of the hub's name may be one that the proxy makes: the same evidence accuses no name server.
#[tokio::test]
async fn what_shows_the_hubs_name_may_inspect_tls() {
    let fixture = Fixture::new().await;
    let other = stranger("hub.test").await;
    let rules = rules(&fixture, other.mqtt().expect("served"), other.web().expect("served"));
    let (_, report) = fixture.through(Behaviour::http().with_rules(rules)).await;
    let codes: Vec<&str> = report.diagnosis.findings.iter().map(|finding| finding.code.id()).collect();
    assert_eq!(codes, ["tls-intercepted"], "{:#?}", report.diagnosis);
    assert_eq!(affects(finding(&report, "tls-intercepted")), "mqtt@proxy https@proxy");
}

#[tokio::test]
async fn nobody_answers_by_name_and_the_hub_by_address() {
    let fixture = Fixture::new().await;
    let unknown = Rules::default();
    let elsewhere = rules(&fixture, dead(), dead());
    let unroutable = Rules::default().resolving("hub.test", IpAddr::from([192, 0, 2, 7]));
    for (what, base, rules) in [
        ("an unknown name", Behaviour::http(), unknown.clone()),
        ("an unknown name in SOCKS", Behaviour::socks(), unknown),
        ("nobody there", Behaviour::http(), elsewhere.clone()),
        ("nobody there in SOCKS", Behaviour::socks(), elsewhere),
        ("no way there", Behaviour::http(), unroutable),
    ] {
        let (_, report) = fixture.through(base.with_rules(rules)).await;
        assert_eq!(
            errors(&report),
            [told("proxy-upstream-failure", Confirmed, ProxyAdmin)],
            "{what}: {:#?}",
            report.diagnosis
        );
        let title = finding(&report, "proxy-upstream-failure").title();
        assert!(title.ends_with("reaches hub.test by its address, and not by its name"), "{what}: {title}");
        assert_eq!(affects(finding(&report, "proxy-upstream-failure")), "mqtt@proxy https@proxy", "{what}");
    }
}

/// What the proxy finds at the name is the same hub at another address: that is nobody's fault.
#[tokio::test]
async fn the_hub_has_several_addresses() {
    let fixture = Fixture::new().await;
    let identity = fixture.authority.issue(&["hub.test".to_owned()], Validity::default()).expect("a certificate");
    let twin = Responder::start(ResponderConfig::loopback(identity)).await.expect("a hub");
    let rules = rules(&fixture, twin.mqtt().expect("served"), twin.web().expect("served"));
    let (_, report) = fixture.through(Behaviour::http().with_rules(rules)).await;
    assert_eq!(errors(&report), [""; 0], "{:#?}", report.diagnosis);
}
