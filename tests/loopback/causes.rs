//! One misbehaviour, one cause, at the checks that it concerns, and no other error.

use hubreach::{
    Report,
    diagnosis::{Severity, Verdict},
    hub::{Depth, Protocol, Role},
    responder::{AfterHandshake, Answer, Behaviour, PortMode, Tls, Upgrade, WebSocketBehaviour},
};

use super::fixture::{Fixture, affects, finding, verdicts};

/// Checks a hub whose MQTT port alone behaves so.
async fn mqtt_port(door: PortMode) -> Report {
    Fixture::behaving(Behaviour { mqtt_port: door.into(), ..Behaviour::default() }).await.check().await
}

/// `code` is the only error or warning, concerns `who`, and all other checks are allowed.
#[track_caller]
fn only(report: &Report, code: &str, who: &str, verdict: Verdict) {
    let cause = finding(report, code);
    assert_eq!(affects(cause), who);
    let grave: Vec<_> = report.diagnosis.findings.iter().filter(|finding| finding.severity != Severity::Info).collect();
    assert!(grave.iter().all(|finding| finding.code.id() == code), "{grave:#?}");
    for check in report.checks() {
        let concerned = cause.affects.contains(&check.observations.id);
        let expected = if concerned { verdict } else { Verdict::Allowed };
        assert_eq!(check.verdict, expected, "{}: {}", check.observations.id, check.summary);
    }
}

#[tokio::test]
async fn a_dropped_syn() {
    let report = mqtt_port(PortMode::SynDrop).await;
    only(&report, "silent-drop", "mqtt", Verdict::Blocked);
    assert!(report.observations.duration_ms < 6000.0, "{} ms", report.observations.duration_ms);
}

#[tokio::test]
async fn a_closed_port() {
    only(&mqtt_port(PortMode::Closed).await, "port-closed", "mqtt", Verdict::Blocked);
}

#[tokio::test]
async fn a_port_that_closes_or_resets_at_once() {
    only(&mqtt_port(PortMode::Close).await, "tls-reset", "mqtt", Verdict::Blocked);
    only(&mqtt_port(PortMode::Reset).await, "tls-reset", "mqtt", Verdict::Blocked);
}

#[tokio::test]
async fn a_port_without_tls() {
    let banner = mqtt_port(PortMode::Plain(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec())).await;
    only(&banner, "plain-protocol", "mqtt", Verdict::Blocked);
    assert!(finding(&banner, "plain-protocol").evidence().iter().any(|seen| seen.contains("SSH-2.0")));
    only(&mqtt_port(PortMode::Plain(b"welcome\r\n".to_vec())).await, "not-tls", "mqtt", Verdict::Blocked);
    let portal = mqtt_port(PortMode::Plain(b"HTTP/1.1 302 Found\r\nLocation: http://portal/\r\n\r\n".to_vec())).await;
    only(&portal, "captive-portal", "mqtt", Verdict::Blocked);
}

#[tokio::test]
async fn an_upgrade_that_is_refused_by_the_hub_itself() {
    let refuse = Upgrade::Refuse { status: 404, headers: Vec::new(), body: "no such path".to_owned() };
    let behaviour = Behaviour {
        amqp_ws: WebSocketBehaviour { upgrade: refuse, ..WebSocketBehaviour::default() },
        ..Behaviour::default()
    };
    let report = Fixture::behaving(behaviour).await.check().await;
    only(&report, "websocket-rejected-by-hub", "amqp-ws", Verdict::Declined);
}

#[tokio::test]
async fn an_upgrade_that_is_answered_wrongly() {
    for upgrade in [Upgrade::BadAccept, Upgrade::WrongSubprotocol] {
        let report = Fixture::behaving(Behaviour::of_upgrades(upgrade)).await.check().await;
        only(&report, "websocket-bad-accept", "mqtt-ws amqp-ws", Verdict::Declined);
    }
}

#[tokio::test]
async fn an_answer_in_another_protocol() {
    let behaviour = Behaviour { mqtt: Answer::Bytes(b"hello?\r\n".to_vec()), ..Behaviour::default() };
    let report = Fixture::behaving(behaviour).await.check().await;
    only(&report, "protocol-mismatch", "mqtt", Verdict::Declined);
}

#[tokio::test]
async fn a_farewell_counts_as_the_hubs_only_inside_tls() {
    for (answer, verdict) in
        [(Answer::CloseNotify, Verdict::Declined), (Answer::Fin, Verdict::Blocked), (Answer::Reset, Verdict::Blocked)]
    {
        let behaviour = Behaviour { amqp: answer, ..Behaviour::default() };
        let report = Fixture::behaving(behaviour).await.check().await;
        only(&report, "peer-closed", "amqp", verdict);
    }
}

#[tokio::test]
async fn any_connack_is_an_answer() {
    for code in [0, 3, 4, 5] {
        let behaviour = Behaviour { mqtt: Answer::ConnackCode(code), ..Behaviour::default() };
        let report = Fixture::behaving(behaviour).await.check().await;
        assert_eq!(verdicts(&report)[&Protocol::Mqtt], Verdict::Allowed, "CONNACK {code}");
        let refused = finding(&report, "authentication-refused");
        assert_eq!(refused.severity, Severity::Info);
        assert_eq!(affects(refused).split(' ').any(|check| check == "mqtt"), matches!(code, 4 | 5), "CONNACK {code}");
    }
}

#[tokio::test]
async fn the_wish_for_a_client_certificate_is_an_answer() {
    for tls12_only in [false, true] {
        let tls = Tls { tls12_only, require_client_certificate: true, ..Tls::default() };
        let report = Fixture::behaving(Behaviour::of_ports(tls.into())).await.check().await;
        only(&report, "client-certificate-required", "mqtt amqp https mqtt-ws amqp-ws", Verdict::Allowed);
    }
}

#[tokio::test]
async fn tls_that_is_cut_right_after_the_handshake() {
    let tls = Tls { after_handshake: AfterHandshake::Reset, ..Tls::default() };
    let report = Fixture::behaving(Behaviour { amqp_port: tls.into(), ..Behaviour::default() }).await.check().await;
    only(&report, "peer-closed", "amqp", Verdict::Blocked);
}

#[tokio::test]
async fn the_depth_says_what_allowed_means() {
    for (depth, allowed) in [(Depth::Connect, true), (Depth::Tls, true), (Depth::Exchange, false)] {
        let mut fixture = Fixture::behaving(Behaviour::of_answers(Answer::CloseNotify)).await;
        fixture.settings.depth = depth;
        let report = fixture.check().await;
        assert_eq!(report.checks().all(|check| check.verdict == Verdict::Allowed), allowed, "{depth:?}");
    }
}

#[tokio::test]
async fn the_role_steers_the_recommendation() {
    for (role, best) in [(Role::Device, Protocol::Mqtt), (Role::Gateway, Protocol::Amqp)] {
        let mut fixture = Fixture::behaving(Behaviour::default()).await;
        fixture.settings.role = role;
        let report = fixture.check().await;
        assert_eq!(report.diagnosis.recommendation.map(|recommended| recommended.protocol), Some(best));
    }
}
