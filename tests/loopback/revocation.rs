//! Whom devices ask for revocation: who is asked for the user's sake, how, and who never is.

use std::{net::SocketAddr, time::Duration};

use hubreach::{
    Report,
    observation::{Experiment, Revocation, RevocationReply, RevocationService, kind},
    responder::{Behaviour, ServerIdentity},
};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CrlDistributionPoint, IsCa, KeyPair, KeyUsagePurpose,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};

use super::fixture::{Fixture, HOST, finding};

/// A hub whose certificate names `urls` for its revocation.
async fn naming(urls: &[String]) -> Fixture {
    let mut of_root = CertificateParams::default();
    of_root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    of_root.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let root = CertifiedIssuer::self_signed(of_root, KeyPair::generate().expect("a key")).expect("a root");
    let mut params = CertificateParams::new([HOST.to_owned()]).expect("a name");
    params.crl_distribution_points = urls.iter().map(|url| CrlDistributionPoint { uris: vec![url.clone()] }).collect();
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, &root).expect("a certificate");
    let identity = ServerIdentity::from_pem(certificate.pem().as_bytes(), key.serialize_pem().as_bytes());
    let identity = identity.expect("an identity");
    let mut fixture = Fixture::with(identity, Behaviour::default(), Some(root.pem()), Some(root.pem())).await;
    fixture.settings.companions = true;
    fixture
}

/// Takes connections, answers each request so, and gives what was asked.
async fn server(address: &str, answer: &'static str) -> (SocketAddr, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind((address, 0)).await.expect("loopback has free ports");
    let bound = listener.local_addr().expect("bound");
    let serve = async move {
        let mut asked = Vec::new();
        while let Ok(Ok((mut stream, _))) = tokio::time::timeout(Duration::from_millis(1500), listener.accept()).await {
            let mut request = [0; 2048];
            let length = stream.read(&mut request).await.unwrap_or_default();
            asked.push(String::from_utf8_lossy(&request[..length]).into_owned());
            let _ = stream.write_all(answer.as_bytes()).await;
        }
        asked
    };
    (bound, tokio::spawn(serve))
}

fn shown(report: &Report) -> Option<&Revocation> {
    report.observations.experiments.iter().find_map(Experiment::facts::<kind::Revocation>)
}

#[tokio::test]
async fn each_host_is_asked_once_and_no_stranger_on_this_machine() {
    let (at, asked) = server("127.0.0.1", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").await;
    let (elsewhere, asked_elsewhere) = server("127.0.0.2", "HTTP/1.1 200 OK\r\n\r\n").await;
    let fixture = naming(&[
        format!("http://user:s3cret@{at}/issuing.crl?token=s3cret"),
        format!("http://{at}/other.crl"),
        format!("http://{elsewhere}/issuing.crl"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
    ])
    .await;
    let report = fixture.check().await;
    let servers = &shown(&report).expect("they were asked").servers;
    let [own, other, metadata] = servers.as_slice() else { panic!("{servers:#?}") };
    assert!(matches!(&own.reply, RevocationReply::Answered { response } if response.status == 404), "{own:#?}");
    assert_eq!((own.services.as_slice(), own.port), (&[RevocationService::Crl][..], at.port()));
    assert_eq!((&other.reply, &metadata.reply), (&RevocationReply::NotAsked, &RevocationReply::NotAsked));
    assert_eq!(
        report.diagnosis.findings.iter().filter(|finding| finding.code.id() == "revocation-unreachable").count(),
        0
    );
    let asked = asked.await.expect("it served");
    let [request] = asked.as_slice() else { panic!("asked once: {asked:#?}") };
    assert!(request.starts_with(&format!("HEAD /issuing.crl HTTP/1.1\r\nHost: {at}\r\n")), "{request}");
    assert_eq!(asked_elsewhere.await.expect("it served"), Vec::<String>::new());
    let certificates = report.checks().flat_map(|check| &check.observations.attempts);
    let tls = certificates.filter_map(|attempt| attempt.tls.success()).next().expect("TLS");
    assert!(!format!("{:?}", tls.chain[0].crl).contains("s3cret"), "{:?}", tls.chain[0].crl);
}

#[tokio::test]
async fn whoever_does_not_ask_for_it_has_nobody_asked() {
    let (at, asked) = server("127.0.0.1", "HTTP/1.1 200 OK\r\n\r\n").await;
    let mut fixture = naming(&[format!("http://{at}/issuing.crl")]).await;
    fixture.settings.companions = false;
    let report = fixture.check().await;
    assert!(report.observations.experiments.is_empty(), "{:#?}", report.observations.experiments);
    assert_eq!(asked.await.expect("it served"), Vec::<String>::new());
}

/// Nor whoever is shown a chain that the device does not accept.
#[tokio::test]
async fn a_peer_that_proves_nothing_names_nobody() {
    let (at, asked) = server("127.0.0.1", "HTTP/1.1 200 OK\r\n\r\n").await;
    let mut fixture = naming(&[format!("http://{at}/issuing.crl")]).await;
    let stranger = hubreach::responder::CertificateAuthority::new().expect("an authority");
    fixture.settings.ca = Some(hubreach::probe::Pem::Text(stranger.pem()));
    let report = fixture.check().await;
    assert!(shown(&report).is_none(), "{:#?}", report.observations.experiments);
    assert_eq!(asked.await.expect("it served"), Vec::<String>::new());
}

/// A server that sends without end is read no further than the head of an answer may be long, and no longer than a few seconds.
#[tokio::test]
async fn what_sends_nonsense_is_told_and_ended() {
    let (at, _) = server("127.0.0.1", "220 mail.test ESMTP\r\n").await;
    let report = naming(&[format!("http://{at}/issuing.crl")]).await.check().await;
    let found = finding(&report, "revocation-unreachable");
    assert!(found.evidence().iter().any(|seen| seen.contains("is not HTTP: 220 mail.test")), "{found:#?}");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has free ports");
    let at = listener.local_addr().expect("bound");
    let flood = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
            while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
        }
    });
    let report = naming(&[format!("http://{at}/issuing.crl")]).await.check().await;
    let [server] = shown(&report).expect("it was asked").servers.as_slice() else { panic!("{report:#?}") };
    assert!(matches!(server.reply, RevocationReply::NotHttp { .. }), "{server:#?}");
    assert!(server.duration_ms < 4000.0, "{server:#?}");
    flood.abort();
}

/// It is a warning: the hub itself is as reachable as ever.
#[tokio::test]
async fn a_port_that_is_closed_is_told_with_what_else_it_could_be() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has free ports");
    let at = listener.local_addr().expect("bound");
    drop(listener);
    let report = naming(&[format!("http://{at}/issuing.crl")]).await.check().await;
    let found = finding(&report, "revocation-unreachable");
    assert_eq!(found.alternatives.iter().map(|code| code.id()).collect::<Vec<_>>(), ["port-closed"]);
    assert!(report.diagnosis.requirement_met);
}

/// Hubs of one authority name the same hosts: whoever tests many of them has each asked once.
#[tokio::test]
async fn runs_that_share_what_they_read_ask_once() {
    let (at, asked) = server("127.0.0.1", "HTTP/1.1 200 OK\r\n\r\n").await;
    let fixture = naming(&[format!("http://{at}/issuing.crl")]).await;
    let (first, second) = tokio::join!(fixture.check(), fixture.check());
    let apart = naming(&[format!("http://{at}/issuing.crl")]).await;
    let third = apart.check().await;
    for report in [&first, &second, &third] {
        let [server] = shown(report).expect("it was asked").servers.as_slice() else { panic!("{report:#?}") };
        assert!(matches!(server.reply, RevocationReply::Answered { .. }), "{server:#?}");
    }
    assert_eq!(asked.await.expect("it served").len(), 2, "once for the first two, once for the third");
}
