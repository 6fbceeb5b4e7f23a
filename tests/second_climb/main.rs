//! A connection that dies after its TCP handshake, as on a link that loses packets, is not a blocked protocol.
#![allow(clippy::expect_used)]

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use hubreach::{
    Report, Settings,
    diagnosis::Verdict,
    probe::Pem,
    responder::{CertificateAuthority, Responder, ResponderConfig, Validity},
    target::{Choices, HubHost, HubKind, Protocol, Target},
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};

const HOST: &str = "hub.test";

/// Lets connections through to `hub`, but the first `dead` hear nothing any more.
async fn relay(hub: SocketAddr, dead: usize) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback");
    let port = listener.local_addr().expect("bound").port();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((mut near, _)) = listener.accept().await {
            if held.len() < dead {
                held.push(near);
                continue;
            }
            tokio::spawn(async move {
                let mut far = TcpStream::connect(hub).await.expect("the hub listens");
                let _ = copy_bidirectional(&mut near, &mut far).await;
            });
        }
    });
    port
}

async fn check(dead: usize) -> Report {
    let authority = CertificateAuthority::new().expect("an authority");
    let identity = authority.issue(&[HOST.to_owned()], Validity::default()).expect("a certificate");
    let responder = Responder::start(ResponderConfig::loopback(identity)).await.expect("a hub");
    let port = relay(responder.mqtt().expect("MQTT is served"), dead).await;
    let root = Pem::Text(responder.ca_pem().expect("its own authority").to_owned());
    let choices = Choices {
        kind: Some(HubKind::MqttBroker),
        protocols: vec![Protocol::Mqtt],
        ports: [(Protocol::Mqtt, port)].into(),
        ..Choices::default()
    };
    let target = Target::new(HubHost::parse(HOST).expect("a name"), &choices).expect("a target");
    let settings = Settings {
        addresses: vec![IpAddr::from(Ipv4Addr::LOCALHOST)],
        timeout: Duration::from_secs(15),
        ca: Some(root.clone()),
        hub_ca: Some(root),
        ..Settings::default()
    };
    hubreach::check(&target, &settings, std::future::pending(), &|_| ()).await.expect("the check runs")
}

#[tokio::test]
async fn a_second_climb_rescues_a_dead_connection() {
    let report = check(1).await;
    assert_eq!(report.checks[0].verdict, Verdict::Allowed, "{}", report.checks[0].summary);
    let attempt = &report.checks[0].seen.attempts[0];
    assert!(attempt.connect.evidence().is_some_and(|connected| connected.hedged));
    assert!(report.findings.iter().all(|finding| finding.severity != hubreach::diagnosis::Severity::Error));
}

#[tokio::test]
async fn silence_at_both_is_silence() {
    let report = check(2).await;
    assert_eq!(report.checks[0].verdict, Verdict::Blocked);
    let attempt = &report.checks[0].seen.attempts[0];
    assert!(attempt.tls.failure().is_some() && attempt.connect.evidence().is_some_and(|connected| !connected.hedged));
}
