//! An HTTP proxy that refuses, or answers what is no answer: which code, how sure, and whose it is.

use hubreach::{
    diagnosis::{
        Confidence::{self, Confirmed, Possible},
        Owner::{self, Operator, ProxyAdmin},
        Verdict,
    },
    hub::Protocol,
};

use super::{
    fixture::{Fixture, affects, errors, finding, told, verdict},
    proxy::{Behaviour, Instead, Page, Step},
};

/// Every check through the proxy is blocked, for this one reason.
async fn blocked(fixture: &Fixture, behaviour: Behaviour, what: &str, code: &str, sure: Confidence, owner: Owner) {
    let (_, report) = fixture.through(behaviour).await;
    let verdicts = &report.diagnosis.verdicts;
    assert!(verdicts.iter().all(|check| check.verdict == Verdict::Blocked), "{what}: {verdicts:#?}");
    assert_eq!(errors(&report), [told(code, sure, owner)], "{what}: {:#?}", report.diagnosis);
    assert_eq!(affects(finding(&report, code)), "mqtt@proxy https@proxy", "{what}");
    let proxy = report.observations.proxy.as_ref().expect("there is a proxy");
    assert!(finding(&report, code).title().contains(&proxy.url()), "{what}: {}", finding(&report, code).title());
}

#[tokio::test]
async fn one_port_is_denied_and_another_is_not() {
    let fixture = Fixture::new().await;
    let only_web = || fixture.rules().only_ports(&[443, fixture.port(Protocol::Https)]);
    let with_page = |page| {
        let mut behaviour = Behaviour::http().with_rules(only_web());
        behaviour.http.page = page;
        behaviour
    };
    let closing = Behaviour { refuses_by: Some(Instead::Close), ..Behaviour::http().with_rules(only_web()) };
    for (what, behaviour, sure) in [
        ("with a page", with_page(Page::Plain(100)), Confirmed),
        ("without one", with_page(Page::None), Confirmed),
        ("with a long page in chunks", with_page(Page::Chunked(100_000)), Confirmed),
        ("with a page that ends with the connection", with_page(Page::Unframed(5000)), Confirmed),
        ("with a page that never ends", with_page(Page::Endless), Confirmed),
        ("without a word", closing, Confidence::Likely),
        ("in SOCKS", Behaviour::socks().with_rules(only_web()), Confirmed),
    ] {
        let (_, report) = fixture.through(behaviour).await;
        assert_eq!(verdict(&report, "https@proxy").verdict, Verdict::Allowed, "{what}: {:#?}", report.diagnosis);
        assert_eq!(verdict(&report, "mqtt@proxy").verdict, Verdict::Blocked, "{what}");
        assert_eq!(errors(&report), [told("proxy-port-denied", sure, ProxyAdmin)], "{what}: {:#?}", report.diagnosis);
        assert_eq!(affects(finding(&report, "proxy-port-denied")), "mqtt@proxy", "{what}");
        assert!(finding(&report, "proxy-port-denied").fix().contains(&fixture.port(Protocol::Mqtt).to_string()));
    }
}

#[tokio::test]
async fn the_hub_is_denied() {
    let fixture = Fixture::new().await;
    let denying = || Behaviour::http().with_rules(fixture.rules().refusing("hub.test"));
    let mut unlawful = denying();
    unlawful.http.host_denied = 451;
    let mut long = denying();
    (long.http.page, long.segment) = (Page::Chunked(100_000), None);
    for (what, behaviour) in [
        ("by 403", denying()),
        ("by 451", unlawful),
        ("with a long page", long),
        ("by address too", Behaviour::http().with_rules(fixture.rules().refusing("hub.test").refusing("127.0.0.1"))),
        ("in SOCKS", Behaviour::socks().with_rules(fixture.rules().refusing("hub.test"))),
    ] {
        blocked(&fixture, behaviour, what, "proxy-host-denied", Confirmed, ProxyAdmin).await;
    }
}

#[tokio::test]
async fn a_login_is_wanted() {
    let fixture = Fixture::new().await;
    let rules = || fixture.rules().with_login("user", "password");
    let offering = |offers: &[&str], keeps_open: bool| {
        let mut behaviour = Behaviour::http().with_rules(rules());
        behaviour.http.offers = offers.iter().map(|offer| (*offer).to_owned()).collect();
        (behaviour.http.keeps_open, behaviour.http.page) = (keeps_open, Page::Plain(3000));
        behaviour
    };
    let digest = "Digest realm=\"a, b\", nonce=\"0123456789abcdef\"";
    for (what, behaviour, owner) in [
        ("by Basic, and the connection ends", offering(&["Basic realm=\"x\""], false), Operator),
        ("by Basic, and the connection stays", offering(&["Basic realm=\"x\""], true), Operator),
        ("by Basic too", offering(&["Negotiate", "NTLM", "basic"], true), Operator),
        ("by others alone", offering(&["Negotiate", digest], true), ProxyAdmin),
        ("in no way that is told", offering(&[], false), Operator),
        ("in SOCKS", Behaviour::socks().with_rules(rules()), Operator),
    ] {
        blocked(&fixture, behaviour, what, "proxy-auth-required", Confirmed, owner).await;
    }
    let (_, report) = fixture.through(offering(&["Negotiate", digest], true)).await;
    assert!(
        finding(&report, "proxy-auth-required").title().contains("Negotiate and Digest"),
        "{:#?}",
        report.diagnosis
    );
}

#[tokio::test]
async fn the_proxy_does_not_get_through() {
    let fixture = Fixture::new().await;
    let failing = |status| {
        let mut behaviour = Behaviour::http();
        behaviour.http.failed = status;
        behaviour
    };
    for status in [500, 502, 503, 504] {
        blocked(&fixture, failing(status), &status.to_string(), "proxy-upstream-failure", Confirmed, ProxyAdmin).await;
    }
}

#[tokio::test]
async fn what_answers_is_no_such_proxy() {
    let fixture = Fixture::new().await;
    let says = |bytes: &[u8]| Behaviour::http().but(Step::Request, Instead::Says(bytes.to_vec()));
    let socks_says = |step, bytes: &[u8]| Behaviour::socks().but(step, Instead::Says(bytes.to_vec()));
    let greeting = Behaviour::http().but(Step::Accept, Instead::Says(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()));
    for (what, behaviour, word, owner) in [
        ("a web server", says(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n"), "CONNECT", Operator),
        ("a web server that knows nothing", says(b"HTTP/1.1 404 Not Found\r\n\r\n"), "CONNECT", Operator),
        ("a redirect", says(b"HTTP/1.1 302 Found\r\nLocation: http://a.test/\r\n\r\n"), "CONNECT", ProxyAdmin),
        ("an upgrade", says(b"HTTP/1.1 101 Switching Protocols\r\n\r\n"), "refuses connections", ProxyAdmin),
        ("a TLS server", says(&[21, 3, 3, 0, 2, 2, 10]), "speaks TLS", Operator),
        ("a SOCKS proxy", says(&[5, 0xff]), "speaks SOCKS 5", Operator),
        ("SSH", greeting, "does not answer as a proxy", Operator),
        ("half an answer", says(b"HTTP/1.1 200 Conn"), "does not answer as a proxy", Operator),
        (
            "an HTTP proxy in SOCKS's place",
            socks_says(Step::Greeting, b"HTTP/1.1 400 Bad Request\r\n\r\n"),
            "speaks HTTP",
            Operator,
        ),
        ("half a SOCKS reply", socks_says(Step::Request, &[5, 0, 0, 1, 0]), "does not answer as a proxy", Operator),
        ("SOCKS 4", socks_says(Step::Greeting, &[0, 0x5a, 0, 0, 0, 0, 0, 0]), "does not answer as a proxy", Operator),
    ] {
        blocked(&fixture, behaviour.clone(), what, "proxy-protocol-error", Confirmed, owner).await;
        let (_, report) = fixture.through(behaviour).await;
        let title = finding(&report, "proxy-protocol-error").title();
        assert!(title.contains(word), "{what}: {title}");
    }
    // A page to log in on, say: only its administrator knows.
    let redirect = says(b"HTTP/1.1 302 Found\r\nLocation: http://a.test/\r\n\r\n");
    blocked(&fixture, redirect, "a redirect", "proxy-protocol-error", Confirmed, ProxyAdmin).await;
}

/// Nobody can tell a proxy that closes from anything else that closes.
#[tokio::test]
async fn the_connection_ends_without_an_answer() {
    let fixture = Fixture::new().await;
    for instead in [Instead::Close, Instead::Reset] {
        for (base, step) in [
            (Behaviour::http(), Step::Accept),
            (Behaviour::http(), Step::Request),
            (Behaviour::socks(), Step::Greeting),
            (Behaviour::socks(), Step::Request),
        ] {
            let what = format!("{instead:?} at {step:?} of {:?}", base.protocol);
            let (_, report) = fixture.through(base.but(step, instead.clone())).await;
            let verdicts = &report.diagnosis.verdicts;
            assert!(verdicts.iter().all(|check| check.verdict == Verdict::Blocked), "{what}: {verdicts:#?}");
            let found = errors(&report);
            let codes = ["proxy-host-denied", "proxy-protocol-error"];
            let wanted = [told(codes[0], Possible, ProxyAdmin), told(codes[1], Possible, Operator)];
            assert!(found.len() == 1 && wanted.contains(&found[0]), "{what}: {found:?} {:#?}", report.diagnosis);
            let code = codes[usize::from(found[0] == wanted[1])];
            let mut all = finding(&report, code).alternatives.clone();
            all.push(finding(&report, code).code);
            let mut all: Vec<&str> = all.into_iter().map(|code| code.id()).collect();
            all.sort_unstable();
            assert_eq!(all, ["proxy-host-denied", "proxy-protocol-error", "proxy-upstream-failure"], "{what}");
        }
    }
}
