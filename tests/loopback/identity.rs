//! Who is at the other end decides what is sent and what it comes to: every row of the contract's table.

use std::{net::SocketAddr, sync::Arc};

use hubreach::{
    Report,
    diagnosis::{Confidence, Severity, Verdict},
    hub::Protocol,
    observation::{Identity, Outcome},
    responder::{Answer, Behaviour, CertificateAuthority, ServerIdentity, Upgrade, Validity},
};

use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::fixture::{Fixture, HOST, affects, finding, verdicts};

/// Three authorities: one that signs what the hub shows, and others that a store may hold instead.
struct Authorities {
    shown: CertificateAuthority,
    other: CertificateAuthority,
}

impl Authorities {
    fn new() -> Self {
        let named = |name| CertificateAuthority::named(name).expect("an authority");
        Self { shown: named("Shown CA"), other: named("Other CA") }
    }

    fn shows(&self) -> ServerIdentity {
        self.shown.issue(&[HOST.to_owned()], Validity::default()).expect("a certificate")
    }

    /// A device that trusts what is shown or not, and hub roots that vouch for it, do not, or are not known.
    async fn check(&self, device: bool, hub: Option<bool>, behaviour: Behaviour) -> Report {
        let pem = |vouches: bool| if vouches { self.shown.pem() } else { self.other.pem() };
        Fixture::with(self.shows(), behaviour, Some(pem(device)), hub.map(pem)).await.check().await
    }
}

fn identities(report: &Report) -> Vec<Identity> {
    let attempts = report.checks().flat_map(|check| &check.observations.attempts);
    attempts.filter_map(|attempt| Some(attempt.tls.evidence()?.trust.as_ref()?.identity)).collect()
}

fn all(report: &Report, verdict: Verdict) -> bool {
    report.observations.checks.len() == 5 && report.checks().all(|check| check.verdict == verdict)
}

/// Nothing was sent past the TLS handshake.
fn stopped_at_tls(report: &Report) -> bool {
    report.checks().flat_map(|check| &check.observations.attempts).all(|attempt| {
        attempt.tls.outcome() == Outcome::Failed
            && attempt.exchange.outcome() == Outcome::NotReached
            && attempt.tls.evidence().is_some_and(|tls| !tls.chain.is_empty())
    })
}

const ALL: &str = "mqtt amqp https mqtt-ws amqp-ws";

#[tokio::test]
async fn proven_goes_on() {
    let report = Authorities::new().check(true, Some(true), Behaviour::default()).await;
    assert_eq!(identities(&report), [Identity::Proven; 5]);
    assert!(all(&report, Verdict::Allowed), "{:?}", verdicts(&report));
    assert!(report.diagnosis.findings.iter().all(|finding| finding.severity == Severity::Info));
}

#[tokio::test]
async fn trusted_goes_on() {
    let report = Authorities::new().check(true, None, Behaviour::default()).await;
    assert_eq!(identities(&report), [Identity::Trusted; 5]);
    assert!(all(&report, Verdict::Allowed), "{:?}", verdicts(&report));
    assert!(report.diagnosis.findings.iter().all(|finding| finding.severity == Severity::Info));
}

#[tokio::test]
async fn intercepted_goes_on_with_a_warning() {
    let report = Authorities::new().check(true, Some(false), Behaviour::default()).await;
    assert_eq!(identities(&report), [Identity::Intercepted; 5]);
    assert!(all(&report, Verdict::Allowed), "{:?}", verdicts(&report));
    let cause = finding(&report, "tls-intercepted");
    assert_eq!((cause.severity, affects(cause).as_str()), (Severity::Warning, ALL));
    assert!(cause.title().contains("Shown CA"), "{}", cause.title());
}

#[tokio::test]
async fn untrusted_here_goes_on_and_is_blocked() {
    let report = Authorities::new().check(false, Some(true), Behaviour::default()).await;
    assert_eq!(identities(&report), [Identity::UntrustedHere; 5]);
    assert!(all(&report, Verdict::Blocked), "{:?}", verdicts(&report));
    let answered =
        report.checks().flat_map(|check| &check.observations.attempts).all(|attempt| attempt.exchange.is_ok());
    assert!(answered, "it is the hub, so it is spoken to");
    let cause = finding(&report, "missing-root");
    assert_eq!((cause.severity, affects(cause).as_str()), (Severity::Error, ALL));
}

#[tokio::test]
async fn foreign_hears_nothing() {
    let authorities = Authorities::new();
    let third = CertificateAuthority::new().expect("an authority");
    let pem = (Some(authorities.other.pem()), Some(third.pem()));
    // Its root beside it shows that it leads to another; without that it would be a chain cut short.
    let mut shown = authorities.shows();
    shown.chain.push(CertificateDer::from_pem_slice(authorities.shown.pem().as_bytes()).expect("PEM"));
    let report = Fixture::with(shown, Behaviour::default(), pem.0, pem.1).await.check().await;
    assert_eq!(identities(&report), [Identity::Foreign; 5]);
    assert!(all(&report, Verdict::Blocked) && stopped_at_tls(&report), "{:?}", verdicts(&report));
    let cause = finding(&report, "tls-intercepted");
    assert_eq!((cause.severity, affects(cause).as_str()), (Severity::Error, ALL));
}

#[tokio::test]
async fn unverified_hears_nothing() {
    let report = Authorities::new().check(false, None, Behaviour::default()).await;
    assert_eq!(identities(&report), [Identity::Unverified; 5]);
    assert!(all(&report, Verdict::Blocked) && stopped_at_tls(&report), "{:?}", verdicts(&report));
    let cause = finding(&report, "certificate-untrusted");
    assert_eq!((cause.severity, affects(cause).as_str()), (Severity::Error, ALL));
    assert!(cause.alternatives.iter().any(|code| code.id() == "tls-intercepted"));
}

#[tokio::test]
async fn a_block_page_inside_trusted_interception_is_not_allowed() {
    let page =
        || (403, vec![("Via".to_owned(), "1.1 gateway".to_owned())], "<html>Blocked by policy</html>".to_owned());
    let (status, headers, body) = page();
    let refuse = Upgrade::Refuse { status, headers, body };
    let (status, headers, body) = page();
    let behaviour = Behaviour { https: Answer::Http { status, headers, body }, ..Behaviour::of_upgrades(refuse) };
    let report = Authorities::new().check(true, Some(false), behaviour).await;
    let verdicts = verdicts(&report);
    for protocol in [Protocol::Https, Protocol::MqttWs, Protocol::AmqpWs] {
        assert_eq!(verdicts[&protocol], Verdict::Blocked, "{protocol}");
    }
    let interception = finding(&report, "tls-intercepted");
    let page = finding(&report, "gateway-block-page");
    assert_eq!(page.depends_on.as_deref(), Some(interception.id.as_str()));
    assert_eq!(affects(page), "https mqtt-ws amqp-ws");
}

#[tokio::test]
async fn a_certificate_for_another_name_lists_its_names() {
    let authority = CertificateAuthority::new().expect("an authority");
    let identity = authority.issue(&["other.test".to_owned()], Validity::default()).expect("a certificate");
    let fixture = Fixture::with(identity, Behaviour::default(), Some(authority.pem()), Some(authority.pem())).await;
    let report = fixture.check().await;
    assert!(all(&report, Verdict::Blocked) && stopped_at_tls(&report));
    assert!(finding(&report, "certificate-name-mismatch").title().contains("other.test"));
}

#[tokio::test]
async fn a_certificate_out_of_its_time_is_not_called_interception() {
    for (validity, code) in
        [(Validity::expired(), "certificate-expired"), (Validity::not_yet(), "certificate-not-yet-valid")]
    {
        let authority = CertificateAuthority::new().expect("an authority");
        let identity = authority.issue(&[HOST.to_owned()], validity).expect("a certificate");
        let fixture = Fixture::with(identity, Behaviour::default(), Some(authority.pem()), Some(authority.pem())).await;
        let report = fixture.check().await;
        assert!(all(&report, Verdict::Blocked) && stopped_at_tls(&report));
        // The responder's own Date says that the clock is right; a peer's word on the time proves nothing.
        assert_eq!(finding(&report, code).confidence, Confidence::Likely);
        assert_eq!(report.diagnosis.findings.len(), 1, "{:#?}", report.diagnosis.findings);
    }
}

/// Shows a certificate, and signs with a key that is not the certificate's.
#[derive(Debug)]
struct Impostor(Arc<CertifiedKey>);

impl ResolvesServerCert for Impostor {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }
}

impl Impostor {
    /// Answers every connection until the test ends.
    async fn start(shown: &ServerIdentity, own: &ServerIdentity, tls12: bool) -> SocketAddr {
        let key = aws_lc_rs::sign::any_supported_type(&own.key).expect("a key");
        let certified = Arc::new(CertifiedKey::new(shown.chain.clone(), key));
        let versions = if tls12 { &[&rustls::version::TLS12] } else { &[&rustls::version::TLS13] };
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(versions)
            .expect("a version")
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(Self(certified)));
        let (acceptor, listener) =
            (TlsAcceptor::from(Arc::new(config)), TcpListener::bind("127.0.0.1:0").await.expect("a port"));
        let address = listener.local_addr().expect("bound");
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(acceptor.accept(stream));
            }
        });
        address
    }
}

#[tokio::test]
async fn the_hubs_chain_without_its_key_proves_nothing() {
    for tls12 in [false, true] {
        let authority = CertificateAuthority::new().expect("an authority");
        let issue = || authority.issue(&[HOST.to_owned()], Validity::default()).expect("a certificate");
        let impostor = Impostor::start(&issue(), &issue(), tls12).await;
        let mut fixture =
            Fixture::with(issue(), Behaviour::default(), Some(authority.pem()), Some(authority.pem())).await;
        fixture.only(&[Protocol::Mqtt, Protocol::Https]);
        fixture.options.ports = [(Protocol::Mqtt, impostor.port()), (Protocol::Https, impostor.port())].into();
        let report = fixture.check().await;
        assert_eq!(identities(&report), [Identity::Unverified; 2]);
        assert!(stopped_at_tls(&report));
        assert!(report.checks().all(|check| check.verdict == Verdict::Blocked), "{:?}", verdicts(&report));
        let cause = finding(&report, "tls-intercepted");
        assert_eq!((cause.confidence, affects(cause).as_str()), (Confidence::Possible, "mqtt https"));
        let trust = report.observations.checks[0].attempts[0].tls.evidence().and_then(|tls| tls.trust.clone());
        assert_eq!(trust.and_then(|trust| trust.signature_verified), Some(false));
    }
}

#[tokio::test]
async fn who_is_not_accepted_has_signed_all_the_same() {
    let report = Authorities::new().check(false, None, Behaviour::default()).await;
    let trusts = report.checks().filter_map(|check| check.observations.attempts[0].tls.evidence()?.trust.clone());
    assert!(trusts.clone().count() == 5 && trusts.into_iter().all(|trust| trust.signature_verified == Some(true)));
}
