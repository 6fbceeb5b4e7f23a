//! What is tested of each kind of hub, and what its own answers are known by.

use std::net::{IpAddr, Ipv4Addr};

use hubreach::{
    Checker, Report,
    diagnosis::{Code, Verdict},
    hub::{HubHost, HubKind, Protocol, Target, TargetOptions},
    observation::Identity,
    probe::Pem,
    responder::{CertificateAuthority, Responder, ResponderConfig, Validity, WsPath},
};

use super::support::schema;

/// A hub of `kind` at `host`, whose own roots are known or not.
async fn check(kind: HubKind, host: &str, proven: bool) -> Report {
    let authority = CertificateAuthority::new().expect("an authority");
    let identity = authority.issue(&[host.to_owned()], Validity::default()).expect("a certificate");
    let mut config = ResponderConfig::loopback(identity);
    config.ws_path = WsPath::Any;
    let responder = Responder::start(config).await.expect("a hub");
    let port = |protocol| match protocol {
        Protocol::Mqtt => responder.mqtt(),
        Protocol::Amqp => responder.amqp(),
        _ => responder.web(),
    };
    let offers = kind.facts().endpoints.iter();
    let options = TargetOptions {
        kind: Some(kind),
        ports: offers.map(|offer| (offer.protocol, port(offer.protocol).expect("served").port())).collect(),
        ..TargetOptions::default()
    };
    let target = Target::new(HubHost::parse(host).expect("a host"), &options).expect("a target");
    let pem = Pem::Text(authority.pem());
    let mut checker = Checker::builder(target).addresses(vec![IpAddr::from(Ipv4Addr::LOCALHOST)]).ca(pem.clone());
    if proven {
        checker = checker.hub_ca(pem);
    }
    let report = checker.build().expect("they go together").run().await.expect("the check runs");
    schema::valid_json(&report);
    report
}

fn verdicts(report: &Report) -> Vec<(&str, Verdict)> {
    report.checks().map(|check| (check.observations.protocol.id(), check.verdict)).collect()
}

#[tokio::test]
async fn every_kind_is_allowed_where_its_hub_is_proven() {
    for (kind, host, protocols) in [
        (HubKind::AzureIotHub, "contoso.azure-devices.net", 5),
        (HubKind::AzureIotEdge, "contoso.azure-devices.net", 5),
        (HubKind::AzureDps, "global.azure-devices-provisioning.net", 5),
        (HubKind::AzureEventGrid, "contoso.westeurope-1.ts.eventgrid.azure.net", 2),
        (HubKind::AmqpBroker, "broker.test", 2),
        (HubKind::MqttBroker, "broker.test", 2),
        (HubKind::HttpsEndpoint, "registry.test", 1),
    ] {
        let report = check(kind, host, true).await;
        assert_eq!(report.observations.checks.len(), protocols, "{kind}");
        assert!(report.checks().all(|check| check.verdict == Verdict::Allowed), "{kind}: {:?}", verdicts(&report));
        assert!(report.diagnosis.findings.iter().all(|finding| finding.code == Code::AuthenticationRefused), "{kind}");
        assert!(report.diagnosis.recommendation.is_some(), "{kind}");
    }
}

/// The responder answers HTTP like an IoT Hub, and like nothing else.
#[tokio::test]
async fn where_the_hub_is_not_proven_its_answer_must_look_like_it() {
    let https = |report: &Report| {
        report.checks().find(|check| check.observations.protocol == Protocol::Https).map(|check| check.verdict)
    };
    let hub = check(HubKind::AzureIotHub, "hub.test", false).await;
    let identity =
        hub.observations.checks[0].attempts[0].tls.evidence().and_then(|tls| Some(tls.trust.as_ref()?.identity));
    assert_eq!(identity, Some(Identity::Trusted));
    assert_eq!(https(&hub), Some(Verdict::Allowed));
    let dps = check(HubKind::AzureDps, "dps.test", false).await;
    assert_eq!(https(&dps), Some(Verdict::Blocked));
    // Of what has no look of its own, a 401 is as good as any answer.
    let registry = check(HubKind::HttpsEndpoint, "registry.test", false).await;
    assert_eq!(https(&registry), Some(Verdict::Allowed));
}

#[test]
fn an_edge_device_needs_its_registry_too() {
    let target = |kind| {
        let options = TargetOptions { kind: Some(kind), ..TargetOptions::default() };
        Target::new(HubHost::parse("contoso.azure-devices.net").expect("a host"), &options).expect("a target")
    };
    assert_eq!(target(HubKind::AzureIotHub).companions().count(), 0);
    let companions: Vec<Target> = target(HubKind::AzureIotEdge).companions().collect();
    let [registry] = companions.as_slice() else { panic!("one companion: {companions:?}") };
    assert_eq!((registry.host.to_string().as_str(), registry.kind), ("mcr.microsoft.com", HubKind::HttpsEndpoint));
    assert_eq!((registry.checks[0].endpoint.port, registry.checks[0].endpoint.path.as_str()), (443, "/v2/"));
}
