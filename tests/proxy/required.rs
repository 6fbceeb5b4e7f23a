//! Both routes side by side: what the one shows of the other.

use std::net::Ipv4Addr;

use hubreach::{
    diagnosis::{Confidence::Confirmed, Owner::Operator, Severity, Verdict},
    hub::{Protocol, Route},
};
use tokio::net::UdpSocket;

use super::{
    fixture::{Fixture, affects, errors, finding, told, verdict},
    proxy::{Behaviour, Proxy, dead},
};

const BOTH: [Route; 2] = [Route::Direct, Route::Proxy];

#[tokio::test]
async fn the_direct_route_is_stopped_and_the_proxy_works() {
    let mut fixture = Fixture::new().await;
    fixture.closed_to_this_device();
    for base in [Behaviour::http(), Behaviour::socks()] {
        let proxy = Proxy::start(base.with_rules(fixture.rules())).await;
        let report = fixture.check(&BOTH, &proxy.url()).await;
        assert_eq!(errors(&report), [told("proxy-required", Confirmed, Operator)], "{:#?}", report.diagnosis);
        let required = finding(&report, "proxy-required");
        assert_eq!((required.severity, affects(required).as_str()), (Severity::Warning, "mqtt@direct https@direct"));
        let stopped = finding(&report, "port-closed");
        assert_eq!((stopped.severity, stopped.depends_on.as_ref()), (Severity::Info, Some(&required.id)));
        assert!(report.diagnosis.requirement_met, "{:#?}", report.diagnosis);
        let recommended = report.diagnosis.recommendation.as_ref().expect("a protocol gets through");
        assert_eq!(recommended.route, Route::Proxy);
    }
}

/// What passes on neither route stays a fault of each.
#[tokio::test]
async fn what_the_proxy_denies_is_still_stopped_directly() {
    let mut fixture = Fixture::new().await;
    fixture.closed_to_this_device();
    let rules = fixture.rules().only_ports(&[443, fixture.port(Protocol::Https)]);
    let proxy = Proxy::start(Behaviour::http().with_rules(rules)).await;
    let report = fixture.check(&BOTH, &proxy.url()).await;
    assert_eq!(affects(finding(&report, "proxy-required")), "https@direct", "{:#?}", report.diagnosis);
    assert_eq!(affects(finding(&report, "proxy-port-denied")), "mqtt@proxy");
    let closed: Vec<_> =
        report.diagnosis.findings.iter().filter(|finding| finding.code.id() == "port-closed").collect();
    let severity = |id| closed.iter().find(|finding| affects(finding).contains(id)).map(|finding| finding.severity);
    assert_eq!(severity("https@direct"), Some(Severity::Info), "{closed:#?}");
    assert!(severity("mqtt@direct").is_some_and(|severity| severity != Severity::Info), "{closed:#?}");
}

/// A proxy that fails takes nothing from the direct route.
#[tokio::test]
async fn the_direct_route_works_and_the_proxy_does_not() {
    let fixture = Fixture::new().await;
    let report = fixture.check(&BOTH, &format!("http://{}", dead())).await;
    assert_eq!(verdict(&report, "mqtt@direct").verdict, Verdict::Allowed, "{:#?}", report.diagnosis);
    let unreachable = finding(&report, "proxy-unreachable");
    assert_eq!(affects(unreachable), "mqtt@proxy https@proxy", "{:#?}", report.diagnosis);
    // The proxy would be on this device.
    assert_eq!((unreachable.owner, unreachable.confidence), (Operator, Confirmed), "{unreachable:#?}");
    assert_eq!(unreachable.facts()["reason"], "port-closed", "{unreachable:#?}");
    assert!(report.diagnosis.requirement_met);
    assert_eq!(report.diagnosis.recommendation.as_ref().map(|recommended| recommended.route), Some(Route::Direct));
}

/// socks5 is given an address, which this device has to know.
#[tokio::test]
async fn socks_without_names_needs_an_address() {
    let mut fixture = Fixture::new().await;
    let silent = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback has free ports");
    (fixture.settings.addresses, fixture.settings.resolvers) = (Vec::new(), vec![silent.local_addr().expect("bound")]);
    let proxy = Proxy::start(Behaviour::socks().with_rules(fixture.rules())).await;
    let report = fixture.check(&[Route::Proxy], &proxy.url().replace("socks5h", "socks5")).await;
    assert!(proxy.connections().iter().all(|connection| connection.asked.is_empty()), "{:?}", proxy.asked());
    assert_eq!(verdict(&report, "mqtt@proxy").verdict, Verdict::Unknown, "{:#?}", report.diagnosis);
    assert_eq!(affects(finding(&report, "dns-timeout")), "mqtt@proxy https@proxy", "{:#?}", report.diagnosis);
}
