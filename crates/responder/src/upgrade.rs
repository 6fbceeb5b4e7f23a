//! The server's side of the WebSocket opening handshake (RFC 6455, section 4.2).

use std::io;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    Behaviour, Session, Upgrade, WebSocketBehaviour, WsPath,
    http::{self, Request},
    misbehave,
    refusal::refusal,
    stream::Stream,
};
use crate::wire::websocket;

/// The path of Azure IoT Hub and its Device Provisioning Service.
const PATH: &str = "/$iothub/websocket";

/// The beginning of a 101 whose headers never end.
const ENDLESS: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Endless: ";

/// Whether `request` belongs here: it asks for WebSocket, or it goes where nothing else is.
pub(super) fn is_meant(request: &Request, ws_path: &WsPath) -> bool {
    asks_for_upgrade(request) || (*ws_path != WsPath::Any && is_offered(request, ws_path))
}

fn asks_for_upgrade(request: &Request) -> bool {
    request.list("Upgrade").any(|protocol| protocol.eq_ignore_ascii_case("websocket"))
}

fn is_offered(request: &Request, ws_path: &WsPath) -> bool {
    match ws_path {
        WsPath::Hub => request.path().trim_end_matches('/').replace("%24", "$").eq_ignore_ascii_case(PATH),
        WsPath::Any => true,
        WsPath::Only(path) => request.path() == path,
    }
}

/// Answers the upgrade, and speaks the chosen protocol inside.
pub(super) async fn serve(
    mut stream: Stream,
    request: &Request,
    already_read: Vec<u8>,
    behaviour: &Behaviour,
    ws_path: &WsPath,
) -> io::Result<()> {
    let wanted = match UpgradeRequest::of(request, ws_path) {
        Ok(wanted) => wanted,
        Err(why) => {
            stream.send(&refusal(400, "ArgumentInvalid", why)).await?;
            stream.close().await;
            return Ok(());
        }
    };
    let WebSocketBehaviour { upgrade, answer } = match wanted.speaks {
        Service::Mqtt => &behaviour.mqtt_ws,
        Service::Amqp => &behaviour.amqp_ws,
    };
    match upgrade {
        Upgrade::Accept => {}
        Upgrade::Refuse { status, headers, body } => {
            stream.send(&http::response(*status, headers, body)).await?;
            stream.close().await;
            return Ok(());
        }
        Upgrade::BadAccept => {
            stream.send(&wanted.accepted(&websocket::accept("another key"), wanted.subprotocol)).await?;
            stream.wait_silently().await;
            return Ok(());
        }
        Upgrade::WrongSubprotocol => {
            stream.send(&wanted.accepted(&websocket::accept(wanted.key), "chat")).await?;
            stream.wait_silently().await;
            return Ok(());
        }
        Upgrade::Silent => {
            stream.wait_silently().await;
            return Ok(());
        }
        Upgrade::Drip => return misbehave::drip(stream, ENDLESS, Some(b'a')).await,
        Upgrade::FloodHeaders => return misbehave::flood(stream, ENDLESS, b'a').await,
    }
    stream.send(&wanted.accepted(&websocket::accept(wanted.key), wanted.subprotocol)).await?;
    tracing::info!(subprotocol = wanted.subprotocol, "upgraded to WebSocket");
    let stream = stream.into_websocket(already_read).await;
    let session = match wanted.speaks {
        Service::Mqtt => Session::mqtt(),
        Service::Amqp => Session::amqp(),
    };
    misbehave::converse(stream, session, answer, behaviour).await
}

/// An upgrade that can be granted.
struct UpgradeRequest<'a> {
    key: &'a str,
    /// As the client writes it.
    subprotocol: &'a str,
    speaks: Service,
}

#[derive(Clone, Copy)]
enum Service {
    Mqtt,
    Amqp,
}

impl<'a> UpgradeRequest<'a> {
    fn of(request: &'a Request, ws_path: &WsPath) -> Result<Self, &'static str> {
        if !is_offered(request, ws_path) {
            return Err("no WebSocket at this path");
        }
        if !asks_for_upgrade(request) || request.method != "GET" {
            return Err("not an upgrade to WebSocket");
        }
        // What a middlebox took out must be missed here too, or a network passes that the real hub refuses.
        if request.minor_version == 0 || request.header("Host").is_none() {
            return Err("not HTTP/1.1 with a Host");
        }
        if !request.list("Connection").any(|option| option.eq_ignore_ascii_case("upgrade")) {
            return Err("no Connection: Upgrade");
        }
        if request.header("Sec-WebSocket-Version") != Some("13") {
            return Err("WebSocket version 13 alone is spoken");
        }
        let key =
            request.header("Sec-WebSocket-Key").filter(|key| is_key(key)).ok_or("no Sec-WebSocket-Key of 16 bytes")?;
        let (subprotocol, speaks) = request
            .list("Sec-WebSocket-Protocol")
            .find_map(|offered| speaks(offered).map(|speaks| (offered, speaks)))
            .ok_or("no known Sec-WebSocket-Protocol")?;
        Ok(Self { key, subprotocol, speaks })
    }

    fn accepted(&self, accept: &str, subprotocol: &str) -> Vec<u8> {
        format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: {subprotocol}\r\n\r\n"
        )
        .into_bytes()
    }
}

fn is_key(key: &str) -> bool {
    STANDARD.decode(key).is_ok_and(|nonce| nonce.len() == 16)
}

fn speaks(subprotocol: &str) -> Option<Service> {
    match subprotocol.to_ascii_lowercase().as_str() {
        "mqtt" => Some(Service::Mqtt),
        "amqpwsb10" => Some(Service::Amqp),
        _ => None,
    }
}

/// Answers the upgrade that `request` may ask for; nothing that it says writes a line of the answer.
#[cfg(fuzzing)]
pub(super) fn read(request: &Request) {
    for ws_path in [WsPath::Hub, WsPath::Any] {
        if let Ok(wanted) = UpgradeRequest::of(request, &ws_path) {
            assert!(is_meant(request, &ws_path));
            let answer = wanted.accepted(&websocket::accept(wanted.key), wanted.subprotocol);
            assert_eq!(answer.iter().filter(|byte| matches!(byte, b'\r' | b'\n')).count(), 12);
        }
    }
}
