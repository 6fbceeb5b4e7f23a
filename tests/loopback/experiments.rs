//! Second measurements: which are made, and what they prove.

use std::time::Duration;

use hubreach::{
    Report,
    diagnosis::{Confidence, Verdict},
    observation::Kind,
    responder::{Answer, Behaviour, CertificateAuthority, Door, Upgrade, Validity, WebSocketBehaviour},
    target::Protocol,
};

use super::scene::{HOST, Scene, finding, verdicts};

fn kinds(report: &Report) -> Vec<&'static str> {
    let known = report.experiments.iter().filter_map(|experiment| experiment.known());
    known
        .map(|kind| match kind {
            Kind::Repeat(_) => "repeat",
            Kind::Clock(_) => "clock",
            Kind::Portal(_) => "portal",
            Kind::WebsocketFrames(_) => "websocket-frames",
            _ => "another",
        })
        .collect()
}

#[tokio::test]
async fn none_is_made_where_all_is_well() {
    let report = Scene::behaving(Behaviour::default()).await.check().await;
    assert!(report.experiments.is_empty(), "{:#?}", report.experiments);
}

#[tokio::test]
async fn none_is_made_where_none_is_wanted() {
    let behaviour = Behaviour { mqtt_port: Door::Plain(b"SSH-2.0\r\n".to_vec()).into(), ..Behaviour::default() };
    let mut scene = Scene::behaving(behaviour).await;
    scene.settings.experiments = false;
    let report = scene.check().await;
    assert!(report.experiments.is_empty());
    assert_eq!(finding(&report, "not-tls").confidence, Confidence::Likely);
}

#[tokio::test]
async fn what_is_seen_twice_is_proved() {
    let behaviour = Behaviour {
        mqtt_port: Door::Plain(b"SSH-2.0\r\n".to_vec()).into(),
        amqp: Answer::Bytes(b"hello?\r\n".to_vec()),
        mqtt_ws: WebSocketBehaviour { upgrade: Upgrade::BadAccept, ..WebSocketBehaviour::default() },
        ..Behaviour::default()
    };
    let report = Scene::behaving(behaviour).await.check().await;
    for code in ["not-tls", "protocol-mismatch", "websocket-bad-accept"] {
        assert_eq!(finding(&report, code).confidence, Confidence::Confirmed, "{code}");
    }
    assert_eq!(kinds(&report).iter().filter(|kind| **kind == "repeat").count(), 3);
}

/// The hub's own time decides whether the certificate or the clock is to blame.
#[tokio::test]
async fn a_clock_that_is_wrong_by_the_hubs_own_time() {
    let authority = CertificateAuthority::new().expect("an authority");
    let identity = authority.issue(&[HOST.to_owned()], Validity::expired()).expect("a certificate");
    let while_valid = Validity::expired().not_after - Duration::from_secs(60);
    let date = vec![("Date".to_owned(), httpdate::fmt_http_date(while_valid))];
    let behaviour =
        Behaviour { https: Answer::Http { status: 401, headers: date, body: String::new() }, ..Behaviour::default() };
    let scene = Scene::with(identity, behaviour, Some(authority.pem()), Some(authority.pem())).await;
    let report = scene.check().await;
    let wrong = finding(&report, "clock-wrong");
    assert_eq!(wrong.confidence, Confidence::Confirmed);
    assert!(wrong.facts["ahead_s"].as_i64() > Some(0), "{wrong:#?}");
    assert_eq!(report.findings.len(), 1, "{:#?}", report.findings);
}

#[tokio::test]
async fn a_mute_service_behind_a_websocket_that_answers_pings() {
    let mute = WebSocketBehaviour { answer: Answer::Silent, ..WebSocketBehaviour::default() };
    let report = Scene::behaving(Behaviour { mqtt_ws: mute, ..Behaviour::default() }).await.check().await;
    assert_eq!(verdicts(&report)[&Protocol::MqttWs], Verdict::Blocked);
    assert_eq!(kinds(&report), ["websocket-frames"]);
    let silent = finding(&report, "no-protocol-reply");
    assert!(silent.evidence.iter().any(|seen| seen.contains("a ping was answered")), "{silent:#?}");
}
