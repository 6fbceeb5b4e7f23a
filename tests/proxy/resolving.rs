//! A proxy that takes the hub's name for another address than this device does.

use std::net::{IpAddr, SocketAddr};

use hubreach::{
    diagnosis::{Confidence::Confirmed, Owner::ProxyAdmin, Verdict},
    hub::{Protocol, Route},
    responder::{CertificateAuthority, Responder, ResponderConfig, Validity},
};

use super::{
    fixture::{Fixture, affects, errors, finding, told, verdict},
    proxy::{Behaviour, Proxy, Rules, dead},
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
    // One that shows the hub's name may as well inspect what is asked for by name.
    for name in ["other.test"] {
        let other = stranger(name).await;
        let (mqtt, web) = (other.mqtt().expect("served"), other.web().expect("served"));
        let proxy = Proxy::start(Behaviour::http().with_rules(rules(&fixture, mqtt, web))).await;
        let report = fixture.check(&[Route::Proxy], &proxy.url()).await;
        assert_eq!(verdict(&report, "mqtt@proxy").verdict, Verdict::Blocked, "{name}: {:#?}", report.diagnosis);
        let resolves = finding(&report, "proxy-upstream-failure");
        assert_eq!((resolves.confidence, resolves.owner), (Confirmed, ProxyAdmin), "{resolves:#?}");
        assert_eq!(affects(resolves), "mqtt@proxy https@proxy", "{name}: {:#?}", report.diagnosis);
        let evidence = resolves.evidence();
        let proves = |line: &String| line.contains("by that address the hub proves itself through the proxy");
        assert!(evidence.iter().any(proves), "{evidence:#?}");
        // Whatever else is told of the certificate follows from that.
        for finding in &report.diagnosis.findings {
            assert!(
                finding.id == resolves.id || finding.depends_on.as_ref() == Some(&resolves.id),
                "{name}: {finding:#?}"
            );
        }
        assert!(proxy.targets().iter().any(|target| target.starts_with("127.0.0.1:")), "{:?}", proxy.targets());
    }
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
