//! The proxy of our own behaves as it is told: what it does wrong would be blamed on the program.

use std::{
    io::ErrorKind,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use hubreach::wire::{Parsed, connect, http, socks};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use super::proxy::{Behaviour, Bound, Instead, Page, Proxy, Rules, Step};

/// Longer than anything on loopback takes, shorter than a test's patience.
const SOON: Duration = Duration::from_millis(300);

/// Sends back what it gets.
async fn echo() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback has free ports");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = stream.split();
                tokio::io::copy(&mut from, &mut to).await
            });
        }
    });
    address
}

async fn rules() -> Rules {
    Rules::default().leading("hub.test:8883", echo().await).leading("192.0.2.7:8883", echo().await)
}

/// Sends `bytes`, and reads until the answer holds `wanted`, ends or pauses.
async fn ask(stream: &mut TcpStream, bytes: &[u8], wanted: &[u8]) -> Vec<u8> {
    stream.write_all(bytes).await.expect("sent");
    let mut answer = Vec::new();
    let _ = timeout(SOON, async {
        let mut piece = [0; 4096];
        while answer.windows(wanted.len()).all(|part| part != wanted) {
            match stream.read(&mut piece).await {
                Ok(length @ 1..) => answer.extend(&piece[..length]),
                _ => break,
            }
        }
    })
    .await;
    answer
}

async fn client(proxy: &Proxy) -> TcpStream {
    TcpStream::connect(proxy.address()).await.expect("it listens")
}

/// The status and the schemes in the answer to one CONNECT.
async fn connect_once(
    behaviour: Behaviour,
    target: &str,
    login: Option<(&[u8], &[u8])>,
) -> (u16, Vec<String>, Vec<u8>) {
    let proxy = Proxy::start(behaviour).await;
    let answer = ask(&mut client(&proxy).await, &connect::request(target, login), b"\0").await;
    let Parsed::Done((head, length)) = http::response_head(&answer) else {
        panic!("no answer: {:?}", String::from_utf8_lossy(&answer))
    };
    let offers = head.headers.iter().filter(|(name, _)| name == "proxy-authenticate").map(|(_, value)| value.as_str());
    (head.status, connect::offered_schemes(offers), answer[length..].to_vec())
}

#[tokio::test]
async fn a_tunnel_takes_one_round_trip_in_http() {
    let mut behaviour = Behaviour::http().with_rules(rules().await);
    behaviour.segment = Some(7);
    behaviour.http.minor_version = 0;
    behaviour.http.granted_headers = vec![("Content-Length".to_owned(), "5".to_owned())];
    let proxy = Proxy::start(behaviour).await;
    let mut stream = client(&proxy).await;
    let answer = ask(&mut stream, &connect::request("hub.test:8883", None), b"\r\n\r\n").await;
    assert!(answer.starts_with(b"HTTP/1.0 200 ") && answer.ends_with(b"Content-Length: 5\r\n\r\n"));
    assert_eq!(ask(&mut stream, b"hello", b"hello").await, b"hello");
    let connections = proxy.connections();
    assert_eq!(
        (connections.len(), connections[0].round_trips, proxy.targets()),
        (1, 1, vec!["hub.test:8883".to_owned()])
    );
    assert!(connections[0].tunnel.is_some() && connections[0].asked[0].head.contains("\r\nUser-Agent: hubreach/"));
}

#[tokio::test]
async fn what_is_refused_says_why() {
    let with = |rules| Behaviour::http().with_rules(rules);
    let all = rules().await;
    let denied = |status| (status, Vec::<String>::new());
    let told = |(status, schemes, _): (u16, Vec<String>, Vec<u8>)| (status, schemes);
    assert_eq!(told(connect_once(with(all.clone().only_ports(&[443])), "hub.test:8883", None).await), denied(403));
    assert_eq!(told(connect_once(with(all.clone().refusing("hub.test")), "hub.test:8883", None).await), denied(403));
    assert_eq!(told(connect_once(with(all.clone()), "other.test:8883", None).await), denied(503));
    assert_eq!(told(connect_once(with(all.clone()), "192.0.2.8:8883", None).await), denied(503));
    let login = with(all.clone().with_login("us", "pas"));
    assert_eq!(told(connect_once(login.clone(), "hub.test:8883", None).await), (407, vec!["Basic".to_owned()]));
    assert_eq!(told(connect_once(login.clone(), "hub.test:8883", Some((b"us", b"no"))).await).0, 407);
    assert_eq!(told(connect_once(login.clone(), "hub.test:8883", Some((b"us", b"pas"))).await).0, 200);
    let mut digest = login;
    digest.http.offers = vec!["Negotiate".to_owned(), "Digest realm=\"x\", nonce=\"y\"".to_owned()];
    let offered = vec!["Negotiate".to_owned(), "Digest".to_owned()];
    assert_eq!(told(connect_once(digest, "hub.test:8883", Some((b"us", b"pas"))).await), (407, offered));
}

#[tokio::test]
async fn pages_have_the_length_that_was_asked_for() {
    for (page, wanted) in [
        (Page::None, 0..1),
        (Page::Plain(10), 10..11),
        (Page::Unframed(10), 10..11),
        (Page::Chunked(100_000), 100_500..101_000),
    ] {
        let mut behaviour = Behaviour::http().with_rules(Rules::default().refusing("hub.test"));
        behaviour.http.page = page;
        let (_, _, body) = connect_once(behaviour, "hub.test:443", None).await;
        assert!(wanted.contains(&body.len()), "{page:?}: {}", body.len());
    }
}

#[tokio::test]
async fn a_407_may_keep_the_connection() {
    let mut behaviour = Behaviour::http().with_rules(rules().await.with_login("us", "pas"));
    behaviour.http.keeps_open = true;
    behaviour.http.page = Page::None;
    behaviour.http.interims = 2;
    let proxy = Proxy::start(behaviour).await;
    let mut stream = client(&proxy).await;
    let refused = ask(&mut stream, &connect::request("hub.test:8883", None), b"Content-Length: 0\r\n\r\n").await;
    assert!(refused.starts_with(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 407 "));
    let with_login = connect::request("hub.test:8883", Some((b"us", b"pas")));
    assert!(ask(&mut stream, &with_login, b" 200 Connection established\r\n\r\n").await.len() > 50);
    assert_eq!(ask(&mut stream, b"hello", b"hello").await, b"hello");
    let asked = proxy.asked();
    assert_eq!((proxy.connections().len(), proxy.connections()[0].round_trips, asked.len()), (1, 2, 2));
    assert_eq!((asked[0].login.clone(), asked[1].login.clone()), (None, Some(("us".to_owned(), "pas".to_owned()))));
}

#[tokio::test]
async fn a_tunnel_takes_two_round_trips_in_socks_and_a_login_one_more() {
    for (login, bound, round_trips) in
        [(false, Bound::V6, 2), (true, Bound::Name("proxy.test".to_owned()), 3), (true, Bound::V4, 3)]
    {
        let mut rules = rules().await;
        if login {
            rules = rules.with_login("us", "pas");
        }
        let mut behaviour = Behaviour::socks().with_rules(rules);
        behaviour.socks.bound = bound;
        behaviour.glued = b"early".to_vec();
        let proxy = Proxy::start(behaviour).await;
        let mut stream = client(&proxy).await;
        let method = if login { socks::Method::UserPassword } else { socks::Method::NoLogin };
        assert_eq!(socks::method(&ask(&mut stream, &socks::greeting(login), &[5]).await), Parsed::Done(method));
        if login {
            let message = socks::login(b"us", b"pas").expect("short");
            assert_eq!(socks::login_answer(&ask(&mut stream, &message, &[1, 0]).await), Parsed::Done(true));
        }
        let message = socks::connect(socks::Target::Ip(IpAddr::from([192, 0, 2, 7])), 8883).expect("short");
        let answer = ask(&mut stream, &message, b"early").await;
        let Parsed::Done(socks::Reply::Granted { length }) = socks::reply(&answer) else { panic!("{answer:?}") };
        assert_eq!(&answer[length..], b"early");
        assert_eq!(ask(&mut stream, b"hello", b"hello").await, b"hello");
        let connection = &proxy.connections()[0];
        assert_eq!((connection.round_trips, connection.asked[0].is_address), (round_trips, true));
        assert_eq!(
            (connection.asked[0].target.as_str(), connection.asked[0].login.is_some()),
            ("192.0.2.7:8883", login)
        );
    }
}

#[tokio::test]
async fn socks_refuses_by_code() {
    let all = rules().await;
    let forced = |code| {
        let mut behaviour = Behaviour::socks();
        (behaviour.socks.reply, behaviour.socks.is_short) = (Some(code), code % 2 == 0);
        behaviour
    };
    let with = |rules| Behaviour::socks().with_rules(rules);
    let mut cases: Vec<(Behaviour, u8)> = (1..=9).map(|code| (forced(code), code)).collect();
    cases.push((with(all.clone().only_ports(&[443])), 2));
    cases.push((with(all.clone().leading("hub.test:8883", SocketAddr::from(([192, 0, 2, 9], 1)))), 3));
    cases.push((with(Rules::default()), 4));
    cases.push((with(all.leading("hub.test:8883", super::proxy::dead())), 5));
    for (behaviour, code) in cases {
        let proxy = Proxy::start(behaviour).await;
        let mut stream = client(&proxy).await;
        ask(&mut stream, &socks::greeting(false), &[5, 0]).await;
        let message = socks::connect(socks::Target::Name("hub.test"), 8883).expect("short");
        let answer = ask(&mut stream, &message, b"nothing").await;
        assert_eq!(socks::reply(&answer), Parsed::Done(socks::Reply::Refused(code)));
    }
    let mut behaviour = Behaviour::socks().with_rules(Rules::default().with_login("us", "pas"));
    let refuses = Proxy::start(behaviour.clone()).await;
    let answer = ask(&mut client(&refuses).await, &socks::greeting(false), b"nothing").await;
    assert_eq!(socks::method(&answer), Parsed::Done(socks::Method::NoneAcceptable));
    behaviour.socks.method = Some(1);
    let gssapi = Proxy::start(behaviour).await;
    let answer = ask(&mut client(&gssapi).await, &socks::greeting(true), &[1]).await;
    assert_eq!(socks::method(&answer), Parsed::Done(socks::Method::Other(1)));
}

#[tokio::test]
async fn something_else_is_done_instead() {
    for instead in [
        Instead::Close,
        Instead::Reset,
        Instead::Silence,
        Instead::Says(b"SSH-2.0-x\r\n".to_vec()),
        Instead::Headers,
        Instead::Interims,
        Instead::Drip,
        Instead::Flood(b"\0".to_vec()),
    ] {
        for step in [Step::Accept, Step::Request] {
            let proxy = Proxy::start(Behaviour::http().but(step, instead.clone())).await;
            let mut stream = client(&proxy).await;
            let _ = stream.write_all(&connect::request("hub.test:443", None)).await;
            let (mut bytes, mut piece) = (Vec::<u8>::new(), [0; 4096]);
            let read = timeout(SOON, async {
                while bytes.len() < 100_000 {
                    match stream.read(&mut piece).await {
                        Ok(0) => return Ok(()),
                        Ok(length) => bytes.extend(&piece[..length]),
                        Err(error) => return Err(error.kind()),
                    }
                }
                Ok(())
            })
            .await;
            match (&instead, read.ok()) {
                (Instead::Close, Some(Ok(()))) => assert!(bytes.is_empty()),
                (Instead::Reset, Some(Err(ErrorKind::ConnectionReset))) => {}
                (Instead::Silence, None) => assert!(bytes.is_empty()),
                (Instead::Says(said), Some(Ok(()))) => assert_eq!(&bytes, said),
                (Instead::Drip, None) => assert!((1..10).contains(&bytes.len())),
                (Instead::Headers | Instead::Interims | Instead::Flood(_), Some(Ok(()))) => {
                    assert!(bytes.len() >= 100_000, "{}", bytes.len());
                }
                (instead, read) => panic!("{instead:?} at {step:?}: {read:?}, {} bytes", bytes.len()),
            }
        }
    }
}
