//! `hubreach check --companions`: what devices need beside the hub.

use std::{fs, net::TcpListener};

use hubreach::responder::{Responder, ResponderConfig, ServerIdentity};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CrlDistributionPoint, IsCa, KeyPair, KeyUsagePurpose,
};
use serde_json::Value;

use super::{hubreach, read, run};

/// Checks MQTT of a hub whose certificate names the revocation list `crl`.
async fn check(crl: &str, options: &[&str]) -> (i32, String, String) {
    let mut of_root = CertificateParams::default();
    of_root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    of_root.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let root = CertifiedIssuer::self_signed(of_root, KeyPair::generate().expect("a key")).expect("a root");
    let mut params = CertificateParams::new(["hub.test".to_owned()]).expect("a name");
    params.crl_distribution_points = vec![CrlDistributionPoint { uris: vec![crl.to_owned()] }];
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, &root).expect("a certificate");
    let identity = ServerIdentity::from_pem(certificate.pem().as_bytes(), key.serialize_pem().as_bytes());
    let responder = Responder::start(ResponderConfig::loopback(identity.expect("an identity"))).await.expect("a hub");
    let ca = tempfile::NamedTempFile::new().expect("a file");
    fs::write(ca.path(), root.pem()).expect("written");
    let port = format!("mqtt={}", responder.mqtt().expect("served").port());
    let given = ["check", "hub.test", "--address", "127.0.0.1", "--kind", "azure-iot-hub", "--protocol", "mqtt"];
    let mut command = hubreach(&given);
    command.args(["--port", &port]).arg("--ca").arg(ca.path()).args(options);
    let output = tokio::task::spawn_blocking(move || command.output().expect("runs")).await.expect("runs");
    read(&output)
}

#[tokio::test]
async fn what_was_not_tested_is_told_and_accuses_nobody() {
    let closed = TcpListener::bind("127.0.0.1:0").expect("loopback").local_addr().expect("bound");
    let crl = format!("http://{closed}/issuing.crl");
    let note = format!(
        "note: devices that check revocation (Windows, .NET) ask {closed}, which the hub's certificates name: not tested, \
         see --companions\n"
    );
    let (status, screen, stderr) = check(&crl, &[]).await;
    assert_eq!((status, stderr), (0, note), "{screen}");
    assert!(!screen.contains("revocation"), "{screen}");
    let (status, _, stderr) = check(&crl, &["-q"]).await;
    assert_eq!((status, stderr.as_str()), (0, ""));
    let (status, screen, stderr) = check(&crl, &["--companions"]).await;
    assert_eq!((status, stderr.as_str()), (0, ""), "a warning is no reason to fail");
    let words = screen.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(&format!("no answer from 127.0.0.1 (TCP {})", closed.port())), "{screen}");
}

/// Nothing listens there, and nothing has to: it is tested.
#[test]
fn the_companions_of_a_kind_are_tested_as_an_audit_does() {
    let closed = TcpListener::bind("127.0.0.1:0").expect("loopback").local_addr().expect("bound");
    let closed = closed.to_string();
    let check = ["check", "127.0.0.1", "--kind", "azure-iot-edge", "--resolver", &closed, "--timeout", "2s"];
    let hosts = |more: &[&str]| -> Vec<String> {
        let (status, json, stderr) = run(&[&check[..], more, &["--format", "json"]].concat());
        assert_eq!(status, 1, "{stderr}");
        let told: Value = serde_json::from_str(&json).expect("JSON");
        let reports = told["reports"].as_array().cloned().unwrap_or_else(|| vec![told.clone()]);
        reports.iter().map(|report| report["hub"]["host"].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(hosts(&["--companions"]), ["127.0.0.1", "mcr.microsoft.com"]);
    assert_eq!(hosts(&[]), ["127.0.0.1"]);
}

#[test]
fn observing_only_does_not_go_with_it() {
    let (status, _, stderr) = run(&["check", "hub.test", "--companions", "--no-experiments"]);
    assert_eq!(status, 2);
    assert!(stderr.contains("--no-experiments") && stderr.contains("--companions"), "{stderr}");
}
