//! Misbehaviour before any protocol is spoken.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use hubreach::responder::{AfterHandshake, Behaviour, PortMode, Responder, ResponderConfig, Tls, Validity};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::client::*;

async fn behind(door: PortMode) -> Responder {
    responder(Behaviour::of_ports(door.into())).await
}

async fn with_tls(tls: Tls) -> Responder {
    responder(Behaviour::of_ports(tls.into())).await
}

#[tokio::test]
async fn a_closed_port_refuses() {
    let responder = behind(PortMode::Closed).await;
    for address in [responder.mqtt(), responder.amqp(), responder.web()] {
        let error = TcpStream::connect(address.unwrap()).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    }
}

#[cfg_attr(not(target_os = "linux"), ignore = "Linux alone drops SYNs when a queue is full")]
#[tokio::test]
async fn dropped_syns_time_out() {
    let addresses = ["127.0.0.1:0", "[::1]:0", "0.0.0.0:0", "[::]:0"];
    futures_util::future::join_all(addresses.map(syns_are_dropped)).await;
}

async fn syns_are_dropped(address: &str) {
    let address: SocketAddr = address.parse().unwrap();
    let config = ResponderConfig { mqtt: Some(address), ..ResponderConfig::new(identity(Validity::default())) };
    let config = config.behaving(Behaviour::of_ports(PortMode::SynDrop.into()));
    let responder = match Responder::start(config).await {
        // A machine without IPv6.
        Err(error) if address.is_ipv6() && error.kind() == io::ErrorKind::AddrNotAvailable => return,
        started => started.unwrap(),
    };
    let port = responder.mqtt().unwrap().port();
    let both = address.is_ipv6() && address.ip().is_unspecified();
    for loopback in ["127.0.0.1", "::1"] {
        let loopback: IpAddr = loopback.parse().unwrap();
        if both || loopback.is_ipv4() == address.is_ipv4() {
            // Longer than the first retransmission.
            let patience = Duration::from_millis(1500);
            let connecting = TcpStream::connect((loopback, port));
            assert!(timeout(patience, connecting).await.is_err(), "{address} answered {loopback}");
        }
    }
}

#[tokio::test]
async fn a_silent_port_says_nothing() {
    let responder = behind(PortMode::Silent).await;
    let mut tcp = connect(responder.mqtt()).await;
    tcp.write_all(b"hello").await.unwrap();
    assert!(timeout(SILENCE, tcp.read_u8()).await.is_err());
}

#[tokio::test]
async fn a_port_can_end_a_connection_cleanly_or_not() {
    let closing = behind(PortMode::Close).await;
    let mut rest = Vec::new();
    let mut tcp = connect(closing.web()).await;
    assert_eq!(timeout(PATIENCE, tcp.read_to_end(&mut rest)).await.unwrap().unwrap(), 0);

    let resetting = behind(PortMode::Reset).await;
    let mut tcp = connect(resetting.web()).await;
    let error = timeout(PATIENCE, tcp.read_u8()).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_port_can_speak_something_else() {
    let banner = b"SSH-2.0-other\r\n";
    let responder = behind(PortMode::Plain(banner.to_vec())).await;
    let mut tcp = connect(responder.amqp()).await;
    // What was sent before must not turn the end into a reset.
    tcp.write_all(&[0; 1000]).await.unwrap();
    let mut said = Vec::new();
    timeout(PATIENCE, tcp.read_to_end(&mut said)).await.unwrap().unwrap();
    assert_eq!(said, banner);
}

#[tokio::test]
async fn a_drip_and_a_flood_have_no_end() {
    let dripping = behind(PortMode::Drip).await;
    let mut tcp = connect(dripping.mqtt()).await;
    let mut start = [0; 3];
    timeout(PATIENCE, tcp.read_exact(&mut start)).await.unwrap().unwrap();
    assert_eq!(start, [0x16, 3, 3]);

    let flooding = behind(PortMode::Flood).await;
    let mut tcp = connect(flooding.mqtt()).await;
    let mut much = vec![0; 1024 * 1024];
    timeout(PATIENCE, tcp.read_exact(&mut much)).await.unwrap().unwrap();
}

#[tokio::test]
async fn tls_can_be_held_at_1_2() {
    let responder = with_tls(Tls { tls12_only: true, ..Tls::default() }).await;
    let tls = tls(&responder, responder.mqtt()).await;
    assert_eq!(tls.get_ref().1.protocol_version(), Some(rustls::ProtocolVersion::TLSv1_2));
}

#[tokio::test]
async fn a_client_certificate_can_be_demanded() {
    for tls12_only in [false, true] {
        let responder = with_tls(Tls { require_client_certificate: true, tls12_only, ..Tls::default() }).await;
        // With TLS 1.3 the refusal comes after the client's handshake is done.
        let error = match try_tls(&responder, responder.mqtt()).await {
            Ok(mut tls) => say(&mut tls, b"").await.1.unwrap_err(),
            Err(error) => error,
        };
        assert!(error.to_string().contains("CertificateRequired"), "{error}");
    }
}

#[tokio::test]
async fn a_handshake_can_be_all_there_is() {
    let closing = with_tls(Tls { after_handshake: AfterHandshake::Close, ..Tls::default() }).await;
    let mut stream = tls(&closing, closing.web()).await;
    let (answer, end) = say(&mut stream, b"").await;
    assert_eq!(answer, b"");
    end.unwrap();

    let resetting = with_tls(Tls { after_handshake: AfterHandshake::Reset, ..Tls::default() }).await;
    let error = match try_tls(&resetting, resetting.web()).await {
        Ok(mut tls) => say(&mut tls, b"").await.1.unwrap_err(),
        Err(error) => error,
    };
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_port_may_speak_its_protocol_in_clear() {
    let plain = behind(PortMode::Clear).await;
    let mut tcp = connect(plain.mqtt()).await;
    tcp.write_all(b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01a").await.unwrap();
    let mut connack = [0; 4];
    timeout(PATIENCE, tcp.read_exact(&mut connack)).await.unwrap().unwrap();
    assert_eq!(connack, [0x20, 2, 0, 5]);

    let mut tcp = connect(plain.web()).await;
    tcp.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    timeout(PATIENCE, tcp.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
}

/// What follows the header is TLS: bytes that are none get an alert, and who sends no header gets nothing.
#[tokio::test]
async fn a_port_may_wait_for_a_proxy_header() {
    let behind = behind(PortMode::ProxyHeader).await;
    const ALERT: u8 = 21;
    for (sent, first) in [
        (&b"PROXY UNKNOWN\r\nno TLS at all"[..], Some(ALERT)),
        (b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nno TLS at all", Some(ALERT)),
        (b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0no TLS at all", Some(ALERT)),
        (b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x02abno TLS at all", Some(ALERT)),
        (b"\x16\x03\x01", None),
        (b"PROXIES", None),
        (&[b"PROXY ", [b'x'; 200].as_slice()].concat(), None),
    ] {
        let mut tcp = connect(behind.mqtt()).await;
        tcp.write_all(sent).await.unwrap();
        let read = timeout(PATIENCE, tcp.read_u8()).await.unwrap();
        assert_eq!(read.ok(), first, "{:?}", sent.escape_ascii().to_string());
    }
}
