//! Hellos of experiments against peers that answer some of them: what each peer proves, and that no more is said.

use std::net::Ipv4Addr;

use hubreach::{
    Report,
    diagnosis::{Confidence, Finding},
    hub::Protocol,
    observation::{Answer, Experiment, HelloTrial, kind},
    responder::Behaviour,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::fixture::{Fixture, HOST, finding};

/// How a ServerHello begins, and no more of it.
const SERVER_HELLO: &[u8] = &[22, 3, 3, 0, 64, 2, 0, 0, 60, 3, 3];
/// The same of TLS 1.1, alone and whole (RFC 4346, section 7.4.1.3): a suite, no compression.
const OLD_SERVER_HELLO: &[u8] = &{
    let mut hello = [0; 47];
    let head = [22, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2];
    let mut at = 0;
    while at < head.len() {
        hello[at] = head[at];
        at += 1;
    }
    // The suite, behind 32 random bytes and the length of no session: TLS_RSA_WITH_AES_128_CBC_SHA.
    hello[45] = 0x2f;
    hello
};

/// A fatal alert (RFC 6066, section 3).
const UNRECOGNIZED_NAME: &[u8] = &[21, 3, 3, 0, 2, 2, 112];

/// Checks a hub whose MQTT port answers each hello with what `answer` has for it; `None` is a RST.
async fn check(answer: fn(&str) -> Option<&'static [u8]>) -> Report {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback");
    let port = listener.local_addr().expect("bound").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut hello = vec![0; 4096];
            let length = stream.read(&mut hello).await.unwrap_or_default();
            match answer(&String::from_utf8_lossy(&hello[..length])) {
                Some(bytes) => {
                    let _ = stream.write_all(bytes).await;
                    let _ = stream.shutdown().await;
                }
                None => stream.set_zero_linger().expect("a socket"),
            }
        }
    });
    let mut fixture = Fixture::behaving(Behaviour::default()).await;
    fixture.options.protocols = vec![Protocol::Mqtt];
    fixture.options.ports = [(Protocol::Mqtt, port)].into();
    fixture.check().await
}

#[track_caller]
fn only(report: &Report, code: &str) -> Finding {
    assert_eq!(report.diagnosis.findings.len(), 1, "{:#?}", report.diagnosis.findings);
    finding(report, code).clone()
}

#[tokio::test]
async fn a_name_that_alone_is_reset() {
    let report = check(|hello| (!hello.contains(HOST)).then_some(SERVER_HELLO)).await;
    let filter = only(&report, "sni-filter");
    assert_eq!(filter.confidence, Confidence::Confirmed, "{filter:#?}");
}

/// Many servers reset whoever asks for a name that they do not serve.
#[tokio::test]
async fn a_server_that_resets_every_name_is_no_filter() {
    let knows = |hello: &str| (!hello.contains(HOST) && !hello.contains("www.example.com")).then_some(SERVER_HELLO);
    let report = check(knows).await;
    let reset = only(&report, "tls-reset");
    assert_eq!(reset.confidence, Confidence::Possible, "{reset:#?}");
}

#[tokio::test]
async fn a_server_that_does_not_know_the_name_says_so_itself() {
    let knows = |hello: &str| Some(if hello.contains(HOST) { UNRECOGNIZED_NAME } else { SERVER_HELLO });
    let alert = only(&check(knows).await, "tls-alert");
    assert_eq!(alert.confidence, Confidence::Possible, "{alert:#?}");
}

/// It chooses a version that was not offered.
#[tokio::test]
async fn a_server_of_old_versions_alone() {
    let report = check(|_| Some(OLD_SERVER_HELLO)).await;
    let unsupported = only(&report, "tls-version-unsupported");
    assert_eq!(unsupported.confidence, Confidence::Likely, "{unsupported:#?}");
    let hellos = report.observations.experiments.iter().filter_map(Experiment::facts::<kind::TlsVersion>);
    let trials: Vec<&HelloTrial> = hellos.flat_map(|hellos| &hellos.trials).collect();
    assert_eq!(trials.len(), 2);
    for trial in trials {
        let old = matches!(&trial.answer, Answer::ServerHello { version: Some(version), .. } if version == "TLS 1.1");
        assert!(old, "{trial:#?}");
    }
}
