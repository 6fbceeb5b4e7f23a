//! A plain client: TCP, TLS that trusts the responder's root, WebSocket.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use futures_util::{SinkExt, StreamExt};
use hubreach::{
    responder::{Behaviour, CertificateAuthority, Responder, ResponderConfig, ServerIdentity, Validity},
    wire::websocket,
};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, protocol::Role},
};

/// Longer than anything here takes that ends.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// Long enough to believe a silence.
pub const SILENCE: Duration = Duration::from_millis(300);

pub type Tls = TlsStream<TcpStream>;

pub fn identity(validity: Validity) -> ServerIdentity {
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    CertificateAuthority::new().unwrap().issue(&names, validity).unwrap()
}

pub async fn responder(behaviour: Behaviour) -> Responder {
    let config = ResponderConfig::loopback(identity(Validity::default())).behaving(behaviour);
    Responder::start(config).await.unwrap()
}

pub async fn connect(address: Option<SocketAddr>) -> TcpStream {
    timeout(PATIENCE, TcpStream::connect(address.unwrap())).await.unwrap().unwrap()
}

pub async fn try_tls(responder: &Responder, address: Option<SocketAddr>) -> io::Result<Tls> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(responder.ca_pem().unwrap().as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let tcp = connect(address).await;
    timeout(PATIENCE, TlsConnector::from(Arc::new(config)).connect("localhost".try_into().unwrap(), tcp)).await.unwrap()
}

pub async fn tls(responder: &Responder, address: Option<SocketAddr>) -> Tls {
    try_tls(responder, address).await.unwrap()
}

/// Sends `bytes` and reads until the end: what came, and how it ended.
pub async fn say(tls: &mut Tls, bytes: &[u8]) -> (Vec<u8>, io::Result<()>) {
    let mut answer = Vec::new();
    if let Err(error) = tls.write_all(bytes).await {
        return (answer, Err(error));
    }
    let end = timeout(PATIENCE, tls.read_to_end(&mut answer)).await.unwrap();
    (answer, end.map(drop))
}

/// Whether nothing comes for a while, not even an end.
pub async fn is_silent(tls: &mut Tls) -> bool {
    timeout(SILENCE, tls.read_u8()).await.is_err()
}

pub fn upgrade_request(path: &str, subprotocol: &str) -> String {
    let key = websocket::key([7; 16]);
    format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: {subprotocol}\r\n\r\n"
    )
}

/// Reads a response's head.
pub async fn head(tls: &mut Tls) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(timeout(PATIENCE, tls.read_u8()).await.unwrap().unwrap());
    }
    String::from_utf8(head).unwrap()
}

/// Upgrades, or panics.
pub async fn upgrade(responder: &Responder, subprotocol: &str) -> WebSocketStream<Tls> {
    let mut tls = tls(responder, responder.web()).await;
    let path = "/$iothub/websocket?iothub-no-client-cert=true";
    tls.write_all(upgrade_request(path, subprotocol).as_bytes()).await.unwrap();
    let head = head(&mut tls).await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    assert!(head.contains(&websocket::accept(&websocket::key([7; 16]))), "{head}");
    assert!(head.contains(&format!("Sec-WebSocket-Protocol: {subprotocol}\r\n")), "{head}");
    WebSocketStream::from_raw_socket(tls, Role::Client, None).await
}

/// Sends a message; gives every byte that comes back, and whether a close frame ended it.
pub async fn say_in_frames(frames: &mut WebSocketStream<Tls>, bytes: &[u8]) -> (Vec<u8>, bool) {
    frames.send(Message::binary(bytes.to_vec())).await.unwrap();
    let mut answer = Vec::new();
    loop {
        match timeout(PATIENCE, frames.next()).await.unwrap() {
            Some(Ok(Message::Binary(bytes))) => answer.extend(bytes),
            Some(Ok(Message::Close(_))) => return (answer, true),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return (answer, false),
        }
    }
}
