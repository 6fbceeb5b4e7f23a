//! A run that ends once it is decided: a healthy proxy is enough, whatever the direct route waits for.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};

use hubreach::{
    Report,
    diagnosis::Verdict,
    hub::{Protocol, Route},
    responder::{Behaviour as HubBehaviour, PortMode},
};
use tokio::net::UdpSocket;

use super::{
    fixture::{Fixture, verdict},
    proxy::{Behaviour, Instead, Proxy, Step},
};

/// A silent peer is judged after five seconds at the earliest.
const AT_ONCE: Duration = Duration::from_secs(3);

async fn decided(fixture: &Fixture, url: &str) -> Report {
    let began = Instant::now();
    let report = fixture.checker(&[Route::Direct, Route::Proxy], url).decide().await.expect("the check runs");
    assert!(began.elapsed() < AT_ONCE, "{:?}", began.elapsed());
    assert!(!report.observations.partial && !report.observations.deadline_reached);
    report
}

/// Its own ports are connections without a word; a hub that answers is where the proxy leads.
async fn silent_here() -> (Fixture, Fixture) {
    let silent = HubBehaviour {
        mqtt_port: PortMode::Silent.into(),
        web_port: PortMode::Silent.into(),
        ..HubBehaviour::default()
    };
    let (mut here, there) = (Fixture::behaving(silent).await, Fixture::new().await);
    (here.settings.ca, here.settings.hub_ca) = (there.settings.ca.clone(), there.settings.hub_ca.clone());
    (here, there)
}

async fn proxy_to(here: &Fixture, there: &Fixture) -> Proxy {
    let rules = here.protocols.iter().fold(super::proxy::Rules::default(), |rules, &protocol| {
        let to = SocketAddr::from((Ipv4Addr::LOCALHOST, there.port(protocol)));
        rules.leading(&here.target_of(protocol), to)
    });
    Proxy::start(Behaviour::http().with_rules(rules)).await
}

#[tokio::test]
async fn what_hangs_on_the_direct_route_is_not_waited_for() {
    for experiments in [true, false] {
        let (mut here, there) = silent_here().await;
        here.settings.experiments = experiments;
        let proxy = proxy_to(&here, &there).await;
        for requirement in ["any", "all", "mqtt", "mqtt@proxy,https"] {
            here.settings.requirement = requirement.parse().expect("a requirement");
            let report = decided(&here, &proxy.url()).await;
            assert!(report.diagnosis.requirement_met, "{requirement}: {:#?}", report.diagnosis);
            assert_eq!(verdict(&report, "mqtt@direct").verdict, Verdict::Unknown, "{requirement}");
        }
    }
}

#[tokio::test]
async fn what_hangs_in_the_proxy_is_not_waited_for() {
    let fixture = Fixture::new().await;
    let proxy = Proxy::start(Behaviour::http().but(Step::Request, Instead::Silence)).await;
    let report = decided(&fixture, &proxy.url()).await;
    assert!(report.diagnosis.requirement_met, "{:#?}", report.diagnosis);
    assert_eq!(verdict(&report, "mqtt@proxy").verdict, Verdict::Unknown);
}

/// In many plants only the proxy knows names of the Internet.
#[tokio::test]
async fn the_proxy_alone_may_know_the_name() {
    let mut fixture = Fixture::new().await;
    let silent = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback has free ports");
    (fixture.settings.addresses, fixture.settings.resolvers) = (Vec::new(), vec![silent.local_addr().expect("bound")]);
    for base in [Behaviour::http(), Behaviour::socks()] {
        let proxy = Proxy::start(base.with_rules(fixture.rules())).await;
        let report = decided(&fixture, &proxy.url()).await;
        assert!(report.diagnosis.requirement_met, "{:#?}", report.diagnosis);
        // The first is enough.
        let allowed = |id| verdict(&report, id).verdict == Verdict::Allowed;
        assert!(allowed("mqtt@proxy") || allowed("https@proxy"), "{:#?}", report.diagnosis);
        assert_eq!(verdict(&report, "mqtt@direct").verdict, Verdict::Unknown, "{:#?}", report.diagnosis);
    }
}

/// The same, to the end: the direct route is stopped by the name, the proxy's works.
#[tokio::test]
async fn a_name_that_only_the_proxy_knows_makes_the_proxy_required() {
    let mut fixture = Fixture::new().await;
    fixture.protocols = vec![Protocol::Mqtt];
    let silent = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback has free ports");
    (fixture.settings.addresses, fixture.settings.resolvers) = (Vec::new(), vec![silent.local_addr().expect("bound")]);
    let proxy = Proxy::start(Behaviour::http().with_rules(fixture.rules())).await;
    let report = fixture.check(&[Route::Direct, Route::Proxy], &proxy.url()).await;
    assert_eq!(verdict(&report, "mqtt@proxy").verdict, Verdict::Allowed, "{:#?}", report.diagnosis);
    let codes: Vec<&str> = report.diagnosis.findings.iter().map(|finding| finding.code.id()).collect();
    assert!(codes.contains(&"proxy-required") && report.diagnosis.requirement_met, "{:#?}", report.diagnosis);
}
