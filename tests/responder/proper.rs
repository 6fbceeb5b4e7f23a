//! Proper answers: a refusal in each protocol's own words.

use std::io::{self, Read};

use hubreach::{
    responder::{Behaviour, Responder, ResponderConfig, Validity, WsPath},
    wire::{Parsed, amqp, http, mqtt, websocket},
};
use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};

use crate::client::*;

fn connect_packet() -> Vec<u8> {
    mqtt::connect("device", Some("hub/device"))
}

#[tokio::test]
async fn mqtt_is_refused_by_connack() {
    let responder = responder(Behaviour::default()).await;
    let mut tls = tls(&responder, responder.mqtt()).await;
    let (answer, end) = say(&mut tls, &connect_packet()).await;
    assert_eq!(answer, [0x20, 2, 0, 5]);
    end.unwrap();
}

#[tokio::test]
async fn amqp_offers_mechanisms() {
    let responder = responder(Behaviour::default()).await;
    let mut tls = tls(&responder, responder.amqp()).await;
    tls.write_all(&amqp::SASL_HEADER).await.unwrap();
    tls.shutdown().await.unwrap();
    let (answer, _) = say(&mut tls, b"").await;
    assert!(matches!(amqp::mechanisms(&answer), Parsed::Done(offered) if offered.len() == 4));
}

#[tokio::test]
async fn https_is_refused_by_401() {
    let responder = responder(Behaviour::default()).await;
    let mut tls = tls(&responder, responder.web()).await;
    let get = "GET /devices/x/messages/deviceBound?api-version=2021-04-12 HTTP/1.1\r\nHost: localhost\r\n";
    let twice = format!("{get}\r\n{get}Connection: close\r\n\r\n");
    let (answer, end) = say(&mut tls, twice.as_bytes()).await;
    end.unwrap();
    let Parsed::Done((head, length)) = http::response_head(&answer) else { panic!("{answer:?}") };
    assert_eq!((head.status, head.header("iothub-errorcode")), (401, Some("IotHubUnauthorizedAccess")));
    assert!(head.header("date").is_some_and(|date| date.ends_with(" GMT")));
    assert!(head.header("x-ms-request-id").is_some());
    let body_end = length + http::body_wanted(&head);
    let body: serde_json::Value = serde_json::from_slice(&answer[length..body_end]).unwrap();
    assert_eq!(body["Message"], "ErrorCode:IotHubUnauthorizedAccess;Unauthorized");
    // The same connection serves the second request.
    let Parsed::Done((second, _)) = http::response_head(&answer[body_end..]) else { panic!("one answer") };
    assert_eq!(second.status, 401);
}

#[tokio::test]
async fn both_protocols_are_spoken_in_websocket_frames() {
    let responder = responder(Behaviour::default()).await;
    for spelling in ["mqtt", "MQTT"] {
        let mut frames = upgrade(&responder, spelling).await;
        assert_eq!(say_in_frames(&mut frames, &connect_packet()).await, (vec![0x20, 2, 0, 5], true));
    }
    let mut frames = upgrade(&responder, "AMQPWSB10").await;
    // A header of another AMQP ends the conversation; the SASL header comes first.
    let bytes = [&amqp::SASL_HEADER[..], b"\x00\x00\x00\x00\x00\x00\x00\x00"].concat();
    let (answer, closed) = say_in_frames(&mut frames, &bytes).await;
    assert!(matches!(amqp::mechanisms(&answer), Parsed::Done(_)));
    assert!(closed);
}

#[tokio::test]
async fn an_upgrade_without_path_or_subprotocol_is_a_bad_request() {
    let responder = responder(Behaviour::default()).await;
    for (path, subprotocol) in [("/", "mqtt"), ("/$iothub/websocket", "chat"), ("/$iothub/websocket", "")] {
        let mut tls = tls(&responder, responder.web()).await;
        let (answer, end) = say(&mut tls, upgrade_request(path, subprotocol).as_bytes()).await;
        end.unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 400 "), "{path} {subprotocol}");
    }
}

#[tokio::test]
async fn an_upgrade_from_which_a_middlebox_took_something_is_a_bad_request() {
    let responder = responder(Behaviour::default()).await;
    let whole = upgrade_request("/$iothub/websocket", "mqtt");
    let key = websocket::key([7; 16]);
    for (taken, left) in [
        ("Connection: Upgrade\r\n", ""),
        ("Connection: Upgrade\r\n", "Connection: keep-alive\r\n"),
        ("Upgrade: websocket\r\n", ""),
        ("Host: localhost\r\n", ""),
        (" HTTP/1.1\r\n", " HTTP/1.0\r\n"),
        (key.as_str(), "c2hvcnQ="),
        ("Sec-WebSocket-Version: 13\r\n", ""),
    ] {
        assert!(whole.contains(taken), "{taken}");
        let mut tls = tls(&responder, responder.web()).await;
        let (answer, end) = say(&mut tls, whole.replacen(taken, left, 1).as_bytes()).await;
        end.unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 400 "), "{taken}");
    }
}

#[tokio::test]
async fn head_does_not_spoil_what_follows() {
    let responder = responder(Behaviour::default()).await;
    let mut tls = tls(&responder, responder.web()).await;
    let (answer, end) = say(&mut tls, b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    end.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 401 "));
}

#[tokio::test]
async fn the_path_is_right_that_was_configured() {
    for (ws_path, path, status) in [
        (WsPath::Any, "/mqtt", 101),
        (WsPath::Only("/mqtt".to_owned()), "/mqtt", 101),
        (WsPath::Only("/mqtt".to_owned()), "/$iothub/websocket", 400),
        (WsPath::Hub, "/mqtt", 400),
    ] {
        let config = ResponderConfig { ws_path, ..ResponderConfig::loopback(identity(Validity::default())) };
        let responder = Responder::start(config).await.unwrap();
        let mut tls = tls(&responder, responder.web()).await;
        tls.write_all(upgrade_request(path, "mqtt").as_bytes()).await.unwrap();
        assert!(head(&mut tls).await.starts_with(&format!("HTTP/1.1 {status} ")), "{path}");
    }
}

#[tokio::test]
async fn what_is_no_request_is_a_bad_request() {
    let responder = responder(Behaviour::default()).await;
    let mut tls = tls(&responder, responder.web()).await;
    let (answer, end) = say(&mut tls, b"\x10\x00\r\n\r\n").await;
    end.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 400 "));
}

#[tokio::test]
async fn a_head_without_end_is_not_read_for_ever() {
    let responder = responder(Behaviour::default()).await;
    let mut tls = tls(&responder, responder.web()).await;
    let endless = [&b"GET / HTTP/1.1\r\nX: "[..], &vec![b'a'; 70 * 1024]].concat();
    let (answer, _) = say(&mut tls, &endless).await;
    assert!(answer.starts_with(b"HTTP/1.1 400 "));
}

#[tokio::test]
async fn a_client_that_falls_silent_is_dropped() {
    let config = ResponderConfig { idle: SILENCE, ..ResponderConfig::loopback(identity(Validity::default())) };
    let responder = Responder::start(config).await.unwrap();
    let mut tls = tls(&responder, responder.mqtt()).await;
    let (answer, end) = say(&mut tls, &connect_packet()[..5]).await;
    assert_eq!((answer.len(), end.is_err()), (0, true));
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_their_turn() {
    let config = ResponderConfig { amqp: None, web: None, ..ResponderConfig::loopback(identity(Validity::default())) };
    let responder = Responder::start(config).await.unwrap();
    let mut idlers = Vec::new();
    for _ in 0..256 {
        idlers.push(connect(responder.mqtt()).await);
    }
    assert!(timeout(SILENCE, try_tls(&responder, responder.mqtt())).await.is_err(), "257 served at once");
    drop(idlers);
    tls(&responder, responder.mqtt()).await;
}

#[tokio::test]
async fn a_certificate_out_of_its_time_is_shown_as_it_is() {
    for validity in [Validity::expired(), Validity::not_yet()] {
        let responder = Responder::start(ResponderConfig::loopback(identity(validity))).await.unwrap();
        let error = try_tls(&responder, responder.mqtt()).await.unwrap_err();
        assert!(error.to_string().contains("certificate"), "{error}");
    }
}

#[tokio::test]
async fn nobody_listens_after_a_drop() {
    let responder = responder(Behaviour::default()).await;
    let mut open = tls(&responder, responder.mqtt()).await;
    let address = responder.mqtt().unwrap();
    drop(responder);
    let (answer, _) = say(&mut open, &connect_packet()).await;
    assert_eq!(answer, b"");
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn stopping_waits_until_nothing_is_left() {
    let responder = responder(Behaviour::default()).await;
    // More than the runtime ends by the way.
    let mut clients = Vec::new();
    for _ in 0..200 {
        clients.push(connect(responder.mqtt()).await.into_std().unwrap());
    }
    tls(&responder, responder.mqtt()).await;
    let address = responder.mqtt().unwrap();
    responder.stop().await;
    // Blocking calls, so that the runtime cannot make up for it now.
    assert_eq!(std::net::TcpStream::connect(address).unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
    for mut client in clients {
        client.set_nonblocking(false).unwrap();
        client.set_read_timeout(Some(SILENCE)).unwrap();
        let end = client.read(&mut [0]).map_err(|error| error.kind());
        assert!(matches!(end, Ok(0) | Err(io::ErrorKind::ConnectionReset)), "{end:?}");
    }
}
