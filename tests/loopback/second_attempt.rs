//! A connection that dies after its TCP handshake, as on a link that loses packets, is not a blocked protocol.

use std::net::{Ipv4Addr, SocketAddr};

use hubreach::{
    Report,
    diagnosis::{Severity, Verdict},
    hub::Protocol,
    responder::Behaviour,
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};

use super::fixture::Fixture;

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
    let mut fixture = Fixture::behaving(Behaviour::default()).await;
    fixture.only(&[Protocol::Mqtt]);
    // Their connections would be counted among the dead ones.
    fixture.settings.experiments = false;
    let port = relay(fixture.responder.mqtt().expect("MQTT is served"), dead).await;
    fixture.options.ports.insert(Protocol::Mqtt, port);
    fixture.check().await
}

#[tokio::test]
async fn a_second_attempt_rescues_a_dead_connection() {
    let report = check(1).await;
    assert_eq!(report.diagnosis.verdicts[0].verdict, Verdict::Allowed, "{}", report.diagnosis.verdicts[0].summary);
    let attempt = &report.observations.checks[0].attempts[0];
    assert!(attempt.connect.evidence().is_some_and(|connected| connected.hedged));
    assert!(report.diagnosis.findings.iter().all(|finding| finding.severity != Severity::Error));
}

#[tokio::test]
async fn silence_at_both_is_silence() {
    let report = check(2).await;
    assert_eq!(report.diagnosis.verdicts[0].verdict, Verdict::Blocked);
    let attempt = &report.observations.checks[0].attempts[0];
    assert!(attempt.tls.failure().is_some() && attempt.connect.evidence().is_some_and(|connected| !connected.hedged));
}
