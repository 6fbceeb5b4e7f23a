//! A proxy that is itself reached over TLS: whom this device trusts there, and settings that say it wrongly.

use hubreach::{
    diagnosis::{Confidence::Confirmed, Owner::Operator, Verdict},
    hub::Route,
    responder::{CertificateAuthority, ServerIdentity, Validity},
};

use super::{
    fixture::{Fixture, errors, finding, told, verdict},
    proxy::{Behaviour, Instead, Proxy, Step},
};

/// What becomes of checks through a proxy that has this certificate, where the setting has `scheme`.
async fn refused_by(fixture: &Fixture, identity: ServerIdentity, scheme: &str) -> (Proxy, String) {
    refused(fixture, Behaviour::http().with_tls(identity).with_rules(fixture.rules()), scheme).await
}

async fn refused(fixture: &Fixture, behaviour: Behaviour, scheme: &str) -> (Proxy, String) {
    let proxy = Proxy::start(behaviour).await;
    let report = fixture.check(&[Route::Proxy], &format!("{scheme}://{}", proxy.address())).await;
    assert_eq!(verdict(&report, "mqtt@proxy").verdict, Verdict::Blocked, "{:#?}", report.diagnosis);
    assert_eq!(errors(&report), [told("proxy-protocol-error", Confirmed, Operator)], "{:#?}", report.diagnosis);
    let finding = finding(&report, "proxy-protocol-error");
    (proxy, format!("{}\n{}", finding.title(), finding.evidence().join("\n")))
}

#[tokio::test]
async fn a_certificate_that_this_device_does_not_accept() {
    let fixture = Fixture::new().await;
    let stranger = CertificateAuthority::new().expect("an authority");
    let address = &["127.0.0.1".to_owned()];
    let other_name = "is for another name than the setting has";
    let out_of_validity = "is not valid at the time of this device's clock";
    for (what, identity, told) in [
        ("unknown issuer", stranger.issue(address, Validity::default()), "does not trust the certificate of the proxy"),
        ("expired", fixture.authority.issue(address, Validity::expired()), out_of_validity),
        ("not valid yet", fixture.authority.issue(address, Validity::not_yet()), out_of_validity),
        (
            "does not have the name",
            fixture.authority.issue(&["proxy.test".to_owned()], Validity::default()),
            other_name,
        ),
        ("does not have the name", fixture.authority.issue(&["hub.test".to_owned()], Validity::default()), other_name),
    ] {
        let (proxy, said) = refused_by(&fixture, identity.expect("a certificate"), "https").await;
        assert!(said.contains(told) && said.contains(what), "{what}: {said}");
        // Nobody is asked for anything, let alone told a password, whom this device does not trust.
        assert_eq!(proxy.asked().len(), 0, "{what}");
    }
}

/// The hub's own roots vouch for hubs alone.
#[tokio::test]
async fn the_hubs_roots_do_not_vouch_for_a_proxy() {
    let mut fixture = Fixture::new().await;
    let device = CertificateAuthority::new().expect("an authority");
    let identity = fixture.proxy_identity(Validity::default());
    fixture.settings.ca = Some(hubreach::probe::Pem::Text(device.pem()));
    let (proxy, said) = refused_by(&fixture, identity, "https").await;
    assert!(said.contains("does not trust the certificate"), "{said}");
    assert_eq!(proxy.asked().len(), 0);
}

#[tokio::test]
async fn the_setting_says_tls_and_the_proxy_speaks_none() {
    let fixture = Fixture::new().await;
    // As squid and tinyproxy answer a TLS hello.
    let says = Instead::Says(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".to_vec());
    let (proxy, said) = refused(&fixture, Behaviour::http().but(Step::Accept, says), "https").await;
    assert!(said.contains("does not complete TLS, and the proxy setting asks for it"), "{said}");
    assert_eq!(proxy.asked().len(), 0);
}

#[tokio::test]
async fn the_proxy_speaks_tls_and_the_setting_says_none() {
    let fixture = Fixture::new().await;
    for scheme in ["http", "socks5h"] {
        let (_, said) = refused_by(&fixture, fixture.proxy_identity(Validity::default()), scheme).await;
        assert!(said.contains("speaks TLS, and the proxy setting does not say so"), "{scheme}: {said}");
    }
}
