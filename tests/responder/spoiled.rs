//! Misbehaviour inside TLS: spoiled upgrades and answers.

use std::io;

use hubreach::{
    responder::{Answer, Behaviour, Responder, Upgrade},
    wire::{Parsed, amqp, mqtt, websocket},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use crate::client::*;

/// A request that is refused.
const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

async fn answering(answer: Answer) -> Responder {
    responder(Behaviour::of_answers(answer)).await
}

/// A connection to each of the three ports, and the first words there.
async fn conversations(responder: &Responder) -> Vec<(Tls, Vec<u8>)> {
    vec![
        (tls(responder, responder.mqtt()).await, mqtt::connect("device", None)),
        (tls(responder, responder.amqp()).await, amqp::SASL_HEADER.to_vec()),
        (tls(responder, responder.web()).await, GET.to_vec()),
    ]
}

#[tokio::test]
async fn another_connack_code() {
    let responder = answering(Answer::ConnackCode(3)).await;
    let connect = mqtt::connect("device", None);
    let mut tls = tls(&responder, responder.mqtt()).await;
    assert_eq!(say(&mut tls, &connect).await.0, [0x20, 2, 0, 3]);
    let mut frames = upgrade(&responder, "mqtt").await;
    assert_eq!(say_in_frames(&mut frames, &connect).await, (vec![0x20, 2, 0, 3], true));
}

#[tokio::test]
async fn silence() {
    let responder = answering(Answer::Silent).await;
    for (mut tls, words) in conversations(&responder).await {
        tls.write_all(&words).await.unwrap();
        assert!(is_silent(&mut tls).await);
    }
}

#[tokio::test]
async fn ends_of_each_kind() {
    for (answer, expected) in [
        (Answer::CloseNotify, None),
        (Answer::Fin, Some(io::ErrorKind::UnexpectedEof)),
        (Answer::Reset, Some(io::ErrorKind::ConnectionReset)),
    ] {
        let responder = answering(answer.clone()).await;
        for (mut tls, words) in conversations(&responder).await {
            let (said, end) = say(&mut tls, &words).await;
            assert_eq!((said.len(), end.err().map(|error| error.kind())), (0, expected), "{answer:?}");
        }
        let mut frames = upgrade(&responder, "mqtt").await;
        let closed = say_in_frames(&mut frames, b"\x10").await;
        assert_eq!(closed, (Vec::new(), answer == Answer::CloseNotify), "{answer:?}");
    }
}

#[tokio::test]
async fn other_bytes() {
    let responder = answering(Answer::Bytes(b"nonsense".to_vec())).await;
    for (mut tls, words) in conversations(&responder).await {
        let (said, end) = say(&mut tls, &words).await;
        assert_eq!(said, b"nonsense");
        end.unwrap();
    }
    let mut frames = upgrade(&responder, "AMQPWSB10").await;
    assert_eq!(say_in_frames(&mut frames, b"AMQP").await, (b"nonsense".to_vec(), true));
}

#[tokio::test]
async fn a_drip_is_right_but_never_enough() {
    let responder = answering(Answer::Drip).await;
    let mut all = conversations(&responder).await;
    for (tls, words) in &mut all {
        tls.write_all(words).await.unwrap();
    }
    let starts: [&[u8]; 3] = [&[0x20, 2, 0], b"AMQP", b"HTTP"];
    for ((tls, _), expected) in all.iter_mut().zip(starts) {
        let mut start = vec![0; expected.len()];
        timeout(PATIENCE, tls.read_exact(&mut start)).await.unwrap().unwrap();
        assert_eq!(start, expected);
    }
    assert!(is_silent(&mut all[0].0).await, "a whole CONNACK");
}

#[tokio::test]
async fn a_flood_has_no_end() {
    let responder = answering(Answer::Flood).await;
    for (mut tls, words) in conversations(&responder).await {
        tls.write_all(&words).await.unwrap();
        let mut much = vec![0; 256 * 1024];
        timeout(PATIENCE, tls.read_exact(&mut much)).await.unwrap().unwrap();
        if words == amqp::SASL_HEADER {
            assert_eq!(amqp::mechanisms(&much), Parsed::Mismatch);
        }
    }
}

#[tokio::test]
async fn another_response() {
    let headers = vec![("Server".to_owned(), "proxy".to_owned())];
    let responder = answering(Answer::Http { status: 503, headers, body: "busy".to_owned() }).await;
    let mut tls = tls(&responder, responder.web()).await;
    let text = String::from_utf8(say(&mut tls, GET).await.0).unwrap();
    assert!(text.starts_with("HTTP/1.1 503 ") && text.contains("Server: proxy\r\n") && text.ends_with("\r\n\r\nbusy"));
}

async fn upgrading(upgrade: Upgrade) -> (Responder, Tls) {
    let responder = responder(Behaviour::of_upgrades(upgrade)).await;
    let mut tls = tls(&responder, responder.web()).await;
    tls.write_all(upgrade_request("/$iothub/websocket", "mqtt").as_bytes()).await.unwrap();
    (responder, tls)
}

#[tokio::test]
async fn an_upgrade_can_be_refused() {
    let headers = vec![("Proxy-Authenticate".to_owned(), "Basic".to_owned())];
    let (_responder, mut tls) = upgrading(Upgrade::Refuse { status: 407, headers, body: "log in".to_owned() }).await;
    let text = String::from_utf8(say(&mut tls, b"").await.0).unwrap();
    assert!(text.starts_with("HTTP/1.1 407 Proxy Authentication Required\r\n"), "{text}");
    assert!(text.contains("Proxy-Authenticate: Basic\r\n") && text.ends_with("log in"), "{text}");
}

#[tokio::test]
async fn an_upgrade_can_be_wrong() {
    let accept = websocket::accept(&websocket::key([7; 16]));
    let (_responder, mut tls) = upgrading(Upgrade::BadAccept).await;
    let text = head(&mut tls).await;
    assert!(text.starts_with("HTTP/1.1 101 ") && !text.contains(&accept), "{text}");

    let (_responder, mut tls) = upgrading(Upgrade::WrongSubprotocol).await;
    let text = head(&mut tls).await;
    assert!(text.contains(&accept) && text.contains("Sec-WebSocket-Protocol: chat\r\n"), "{text}");
}

#[tokio::test]
async fn an_upgrade_can_have_no_end() {
    let (_responder, mut tls) = upgrading(Upgrade::Silent).await;
    assert!(is_silent(&mut tls).await);

    let (_responder, mut tls) = upgrading(Upgrade::Drip).await;
    let mut start = [0; 4];
    timeout(PATIENCE, tls.read_exact(&mut start)).await.unwrap().unwrap();
    assert_eq!(&start, b"HTTP");

    let (_responder, mut tls) = upgrading(Upgrade::FloodHeaders).await;
    let mut much = vec![0; 256 * 1024];
    timeout(PATIENCE, tls.read_exact(&mut much)).await.unwrap().unwrap();
    assert!(much.starts_with(b"HTTP/1.1 101 ") && !much.windows(4).any(|window| window == b"\r\n\r\n"));
}
