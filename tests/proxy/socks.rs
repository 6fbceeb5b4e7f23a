//! SOCKS5: what is sent, and what each refusal means.

use hubreach::{
    diagnosis::{
        Confidence::{Confirmed, Possible},
        Owner::{Operator, ProxyAdmin},
        Verdict,
    },
    hub::{Protocol, Route},
};

use super::{
    fixture::{Fixture, assert_well, errors, finding, told, verdict},
    proxy::{Behaviour, Instead, Proxy, Step},
};

#[tokio::test]
async fn the_name_is_sent_or_the_address() {
    let fixture = Fixture::new().await;
    for (scheme, hosts, is_address) in [("socks5h", "hub.test", false), ("socks5", "127.0.0.1", true)] {
        let proxy = Proxy::start(Behaviour::socks().with_rules(fixture.rules())).await;
        let report = fixture.check(&[Route::Proxy], &format!("{scheme}://{}", proxy.address())).await;
        assert_well(&report, scheme);
        let asked = proxy.asked();
        assert!(asked.iter().all(|asked| asked.is_address == is_address), "{asked:?}");
        let mut wanted =
            [Protocol::Mqtt, Protocol::Https].map(|protocol| format!("{hosts}:{}", fixture.port(protocol)));
        wanted.sort();
        assert_eq!(proxy.targets(), wanted);
    }
}

/// Whom to ask, and how, decides the proxy: credentials that it does not want stay here.
#[tokio::test]
async fn credentials_are_sent_where_they_are_wanted() {
    let fixture = Fixture::new().await;
    for (has, wants) in [(true, true), (true, false), (false, false)] {
        let rules = if wants { fixture.rules().with_login("user", "password") } else { fixture.rules() };
        let proxy = Proxy::start(Behaviour::socks().with_rules(rules)).await;
        let url = if has { proxy.url_for("user:password") } else { proxy.url() };
        let report = fixture.check(&[Route::Proxy], &url).await;
        assert_well(&report, "a login");
        for connection in proxy.connections() {
            assert_eq!(connection.methods, if has { vec![0, 2] } else { vec![0] });
            assert_eq!(connection.asked[0].login.is_some(), wants);
        }
    }
}

#[tokio::test]
async fn a_login_may_be_answered_with_the_version_of_socks() {
    let fixture = Fixture::new().await;
    let mut behaviour = Behaviour::socks().with_rules(fixture.rules().with_login("user", "password"));
    behaviour.socks.login_version = 5;
    let proxy = Proxy::start(behaviour).await;
    assert_well(&fixture.check(&[Route::Proxy], &proxy.url_for("user:password")).await, "version 5");
}

#[tokio::test]
async fn a_login_is_refused() {
    let fixture = Fixture::new().await;
    let with_login = || Behaviour::socks().with_rules(fixture.rules().with_login("user", "password"));
    let mut gssapi = with_login();
    gssapi.socks.method = Some(1);
    let mut unasked = with_login();
    unasked.socks.method = Some(2);
    for (what, behaviour, login, owner, title) in [
        ("no method", with_login(), "", Operator, "wants a user name and a password"),
        ("a wrong password", with_login(), "user:passwort", Operator, "refuses this user name and password"),
        ("a method that was not offered", gssapi, "user:password", ProxyAdmin, ""),
        ("a login that was not offered", unasked, "", Operator, "wants a user name and a password"),
    ] {
        let proxy = Proxy::start(behaviour).await;
        let url = if login.is_empty() { proxy.url() } else { proxy.url_for(login) };
        let report = fixture.check(&[Route::Proxy], &url).await;
        assert_eq!(verdict(&report, "mqtt@proxy").verdict, Verdict::Blocked, "{what}");
        let wanted = told("proxy-auth-required", Confirmed, owner);
        assert_eq!(errors(&report), [wanted], "{what}: {:#?}", report.diagnosis);
        let said = finding(&report, "proxy-auth-required").title();
        assert!(said.contains(title), "{what}: {said}");
    }
}

#[tokio::test]
async fn each_reply_has_its_code() {
    let fixture = Fixture::new().await;
    for (reply, code, owner, words) in [
        (1, "proxy-upstream-failure", ProxyAdmin, "reply 1, general failure"),
        (2, "proxy-host-denied", ProxyAdmin, "reply 2, not allowed by ruleset"),
        (3, "proxy-upstream-failure", ProxyAdmin, "reply 3, network unreachable"),
        (4, "proxy-upstream-failure", ProxyAdmin, "reply 4, host unreachable"),
        (5, "proxy-upstream-failure", ProxyAdmin, "reply 5, connection refused"),
        (6, "proxy-upstream-failure", ProxyAdmin, "reply 6, TTL expired"),
        (7, "proxy-protocol-error", Operator, "reply 7, command not supported"),
        (8, "proxy-protocol-error", Operator, "reply 8, address type not supported"),
        (9, "proxy-protocol-error", Operator, "reply 9"),
        (0xff, "proxy-protocol-error", Operator, "reply 255"),
    ] {
        for is_short in [false, true] {
            let mut behaviour = Behaviour::socks();
            (behaviour.socks.reply, behaviour.socks.is_short) = (Some(reply), is_short);
            let (_, report) = fixture.through(behaviour).await;
            assert_eq!(verdict(&report, "mqtt@proxy").verdict, Verdict::Blocked, "{reply}");
            assert_eq!(errors(&report), [told(code, Confirmed, owner)], "{reply}: {:#?}", report.diagnosis);
            let evidence = finding(&report, code).evidence();
            assert!(evidence.iter().any(|line| line.contains(words)), "{reply}: {evidence:#?}");
        }
    }
}

/// Nothing tells whether it is the login that the proxy does not like.
#[tokio::test]
async fn a_connection_that_ends_after_the_login_proves_nothing() {
    let fixture = Fixture::new().await;
    let behaviour = Behaviour::socks().with_rules(fixture.rules().with_login("user", "password"));
    let proxy = Proxy::start(behaviour.but(Step::Login, Instead::Close)).await;
    let report = fixture.check(&[Route::Proxy], &proxy.url_for("user:password")).await;
    assert_eq!(verdict(&report, "mqtt@proxy").verdict, Verdict::Blocked, "{:#?}", report.diagnosis);
    let [finding] = &report.diagnosis.findings[..] else { panic!("{:#?}", report.diagnosis) };
    assert_eq!(finding.confidence, Possible, "{finding:#?}");
}
