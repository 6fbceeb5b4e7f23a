//! Second measurements: which are made, and what they prove.

use std::time::Duration;

use hubreach::{
    Report,
    diagnosis::{Confidence, Severity, Verdict},
    hub::Protocol,
    observation::{
        Answer as HelloAnswer, ClearProtocol, ClearReply, Experiment, ExperimentResult, FirstBytes, HelloTrial, kind,
    },
    responder::{Answer, Behaviour, CertificateAuthority, PortMode, Upgrade, Validity, WebSocketBehaviour},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::fixture::{Fixture, HOST, finding, verdicts};

fn kinds(report: &Report) -> Vec<&'static str> {
    report
        .observations
        .experiments
        .iter()
        .filter_map(|experiment| experiment.known())
        .map(ExperimentResult::kind)
        .collect()
}

#[tokio::test]
async fn none_is_made_where_all_is_well() {
    let report = Fixture::behaving(Behaviour::default()).await.check().await;
    assert!(report.observations.experiments.is_empty(), "{:#?}", report.observations.experiments);
}

#[tokio::test]
async fn none_is_made_where_none_is_wanted() {
    let behaviour = Behaviour { mqtt_port: PortMode::Plain(b"welcome\r\n".to_vec()).into(), ..Behaviour::default() };
    let mut fixture = Fixture::behaving(behaviour).await;
    fixture.settings.experiments = false;
    let report = fixture.check().await;
    assert!(report.observations.experiments.is_empty());
    assert_eq!(finding(&report, "not-tls").confidence, Confidence::Likely);
}

#[tokio::test]
async fn what_is_seen_twice_is_proved() {
    let behaviour = Behaviour {
        mqtt_port: PortMode::Plain(b"welcome\r\n".to_vec()).into(),
        amqp: Answer::Bytes(b"hello?\r\n".to_vec()),
        mqtt_ws: WebSocketBehaviour { upgrade: Upgrade::BadAccept, ..WebSocketBehaviour::default() },
        ..Behaviour::default()
    };
    let report = Fixture::behaving(behaviour).await.check().await;
    for code in ["protocol-mismatch", "websocket-bad-accept"] {
        assert_eq!(finding(&report, code).confidence, Confidence::Confirmed, "{code}");
    }
    // What was sent in clear anybody may have sent, however often it comes.
    assert_eq!(finding(&report, "not-tls").confidence, Confidence::Likely);
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
    let fixture = Fixture::with(identity, behaviour, Some(authority.pem()), Some(authority.pem())).await;
    let report = fixture.check().await;
    let wrong = finding(&report, "clock-wrong");
    assert_eq!(wrong.confidence, Confidence::Likely, "a peer's word on the time proves nothing");
    assert!(wrong.facts()["ahead_s"].as_i64() > Some(0), "{wrong:#?}");
    assert_eq!(report.diagnosis.findings.len(), 1, "{:#?}", report.diagnosis.findings);
}

#[tokio::test]
async fn a_mute_service_behind_a_websocket_that_answers_pings() {
    let mute = WebSocketBehaviour { answer: Answer::Silent, ..WebSocketBehaviour::default() };
    let report = Fixture::behaving(Behaviour { mqtt_ws: mute, ..Behaviour::default() }).await.check().await;
    assert_eq!(verdicts(&report)[&Protocol::MqttWs], Verdict::Blocked);
    assert_eq!(kinds(&report), ["websocket-frames"]);
    let silent = finding(&report, "no-protocol-reply");
    assert!(silent.evidence().iter().any(|seen| seen.contains("a ping was answered")), "{silent:#?}");
}

/// Where nothing is wrong, a larger hello is sent only to whom it is asked for.
#[tokio::test]
async fn a_larger_hello_is_sent_where_it_is_asked_for() {
    let mut fixture = Fixture::behaving(Behaviour::default()).await;
    fixture.settings.large_hello = true;
    let report = fixture.check().await;
    let hellos: Vec<_> =
        report.observations.experiments.iter().filter_map(Experiment::facts::<kind::HelloSize>).collect();
    assert_eq!(hellos.len(), 3, "one for each port");
    for hellos in hellos {
        let answered = |trial: &HelloTrial| matches!(trial.answer, HelloAnswer::ServerHello { .. });
        let [large] = hellos.trials.as_slice() else { panic!("what passes needs no comparison: {hellos:#?}") };
        assert!(answered(large) && large.hello_bytes > 1200, "{hellos:#?}");
    }
    assert!(
        report.diagnosis.findings.iter().all(|finding| finding.severity == Severity::Info),
        "{:#?}",
        report.diagnosis.findings
    );
}

/// A broker that was never given a certificate answers in clear.
#[tokio::test]
async fn ports_that_speak_no_tls_are_asked_in_clear() {
    let behaviour = Behaviour::of_ports(PortMode::Clear.into());
    let report = Fixture::behaving(behaviour).await.check().await;
    let asked = report.observations.experiments.iter().filter_map(Experiment::facts::<kind::InClear>);
    let questions: Vec<_> = asked.flat_map(|asked| &asked.questions).collect();
    let connack = ClearReply::Bytes { first_bytes: FirstBytes::of(&[0x20, 2, 0, 5]) };
    let of = |protocol| questions.iter().filter(move |asked| asked.protocol == protocol).map(|asked| &asked.reply);
    assert!(of(ClearProtocol::Mqtt).any(|reply| *reply == connack), "{questions:#?}");
    let is_the_hubs = |reply: &ClearReply| matches!(reply, ClearReply::Http { response } if response.status == 401);
    assert!(of(ClearProtocol::Http).any(is_the_hubs), "{questions:#?}");
    assert_eq!(kinds(&report).iter().filter(|kind| **kind == "proxy-header").count(), 0);
}

/// A server that resets whatever the name is no filter.
#[tokio::test]
async fn a_reset_is_compared_with_other_names() {
    let behaviour = Behaviour { mqtt_port: PortMode::Reset.into(), ..Behaviour::default() };
    let report = Fixture::behaving(behaviour).await.check().await;
    let reset = finding(&report, "tls-reset");
    assert!(!reset.alternatives.iter().any(|code| code.id() == "sni-filter"), "{reset:#?}");
    assert!(report.observations.duration_ms < 1000.0, "{} ms", report.observations.duration_ms);
}

/// What no server may hold against its hub: a comparison ends with its hello.
#[tokio::test]
async fn nothing_is_sent_after_a_hello_of_an_experiment() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    let port = listener.local_addr().expect("bound").port();
    let heard = tokio::spawn(async move {
        let mut lengths = Vec::new();
        // The attempt itself, then three names twice.
        for _ in 0..7 {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut all = vec![0; 4096];
            let first = stream.read(&mut all).await.expect("a hello");
            let record = 5 + usize::from(u16::from_be_bytes([all[3], all[4]]));
            assert_eq!((all[0], first), (22, record), "one record, a handshake");
            // The peer's alert: the answer to it would be a `close_notify`.
            stream.write_all(&[21, 3, 3, 0, 2, 2, 80]).await.expect("an alert");
            lengths.push(stream.read(&mut all).await.unwrap_or_default());
        }
        lengths
    });
    let mut fixture = Fixture::behaving(Behaviour::default()).await;
    fixture.only(&[Protocol::Mqtt]);
    fixture.options.ports.insert(Protocol::Mqtt, port);
    let report = fixture.check().await;
    assert!(kinds(&report).contains(&"server-name"), "{:#?}", report.observations.experiments);
    let lengths = heard.await.expect("a listener");
    assert_eq!(lengths[1..], [0; 6], "bytes after the hello");
}
