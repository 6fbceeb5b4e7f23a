//! How to misbehave, as plain data. Every default is to answer properly.

use serde::{Deserialize, Serialize};

/// How each port and each protocol behaves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Behaviour {
    /// The port of MQTT.
    pub mqtt_port: PortBehaviour,
    /// The port of AMQP.
    pub amqp_port: PortBehaviour,
    /// The port of HTTPS and WebSocket.
    pub web_port: PortBehaviour,
    /// What a CONNECT gets.
    pub mqtt: Answer,
    /// What an AMQP header gets.
    pub amqp: Answer,
    /// What a request gets that is not an upgrade.
    pub https: Answer,
    /// MQTT over WebSocket.
    pub mqtt_ws: WebSocketBehaviour,
    /// AMQP over WebSocket.
    pub amqp_ws: WebSocketBehaviour,
    /// How long a first message may be, in bytes; a longer one ends the conversation, in HTTP with the status 431.
    pub longest_message: Option<usize>,
}

impl Behaviour {
    /// Whether a first message of so many bytes is too long.
    pub(super) fn is_too_long(&self, bytes: usize) -> bool {
        self.longest_message.is_some_and(|longest| bytes > longest)
    }
}

impl Behaviour {
    /// All three ports behave as `port`.
    pub fn of_ports(port: PortBehaviour) -> Self {
        Self { mqtt_port: port.clone(), amqp_port: port.clone(), web_port: port, ..Self::default() }
    }

    /// All five protocols answer as `answer`.
    pub fn of_answers(answer: Answer) -> Self {
        let socket = WebSocketBehaviour { answer: answer.clone(), ..WebSocketBehaviour::default() };
        Self {
            mqtt: answer.clone(),
            amqp: answer.clone(),
            https: answer,
            mqtt_ws: socket.clone(),
            amqp_ws: socket,
            ..Self::default()
        }
    }

    /// Both WebSocket variants treat an upgrade as `upgrade`.
    pub fn of_upgrades(upgrade: Upgrade) -> Self {
        let socket = WebSocketBehaviour { upgrade, ..WebSocketBehaviour::default() };
        Self { mqtt_ws: socket.clone(), amqp_ws: socket, ..Self::default() }
    }
}

/// How one port behaves before any protocol is spoken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct PortBehaviour {
    /// What a connection finds.
    pub mode: PortMode,
    /// What a handshake finds.
    pub tls: Tls,
}

impl From<PortMode> for PortBehaviour {
    fn from(mode: PortMode) -> Self {
        Self { mode, tls: Tls::default() }
    }
}

impl From<Tls> for PortBehaviour {
    fn from(tls: Tls) -> Self {
        Self { mode: PortMode::default(), tls }
    }
}

/// What a TCP connection finds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PortMode {
    /// TLS.
    #[default]
    Open,
    /// The protocol in clear, without TLS.
    Clear,
    /// TLS after a header of the PROXY protocol; a RST for a client that sends none.
    ProxyHeader,
    /// Bound and not listening: the kernel sends a RST. The port stays reserved.
    Closed,
    /// The kernel drops every SYN. Linux alone does so; elsewhere the responder does not start.
    SynDrop,
    /// A connection, and never a byte.
    Silent,
    /// A FIN at once.
    Close,
    /// A RST at once.
    Reset,
    /// These bytes instead of TLS, then a FIN.
    Plain(Vec<u8>),
    /// The beginning of a TLS record, a byte at a time, without end.
    Drip,
    /// Bytes that are not TLS, as fast as they go, without end.
    Flood,
}

/// What a TLS handshake finds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Tls {
    /// TLS 1.3 is not spoken.
    pub tls12_only: bool,
    /// A client certificate of the responder's own authority is demanded.
    pub require_client_certificate: bool,
    /// What comes after the handshake.
    pub after_handshake: AfterHandshake,
}

/// What comes after a TLS handshake.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AfterHandshake {
    /// The protocol.
    #[default]
    GoOn,
    /// A clean end: `close_notify` and FIN.
    Close,
    /// A RST.
    Reset,
}

/// How one of the WebSocket variants behaves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct WebSocketBehaviour {
    /// What the upgrade gets.
    pub upgrade: Upgrade,
    /// What the first message inside gets.
    pub answer: Answer,
}

/// What an upgrade to WebSocket gets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Upgrade {
    /// 101.
    #[default]
    Accept,
    /// Another response.
    Refuse {
        /// Its status.
        status: u16,
        /// Its headers; `Content-Length` comes by itself.
        headers: Vec<(String, String)>,
        /// Its body.
        body: String,
    },
    /// 101 with a `Sec-WebSocket-Accept` that answers another key.
    BadAccept,
    /// 101 with a subprotocol that the client did not offer.
    WrongSubprotocol,
    /// Never a byte.
    Silent,
    /// 101 with a header that never ends, a byte at a time.
    Drip,
    /// 101 with headers that never end, as fast as they go.
    FloodHeaders,
}

/// What the first words in a protocol get.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// A refusal in that protocol, as the real hub gives it.
    #[default]
    Proper,
    /// A CONNACK with this code; elsewhere than in MQTT like `Proper`.
    ConnackCode(u8),
    /// Never a byte.
    Silent,
    /// A clean end: `close_notify` and FIN (inside WebSocket, a close frame first).
    CloseNotify,
    /// A bare FIN, without `close_notify`.
    Fin,
    /// A RST.
    Reset,
    /// These bytes, then a clean end.
    Bytes(Vec<u8>),
    /// The right beginning, a byte at a time, but never enough of it.
    Drip,
    /// More than anyone asked for, as fast as it goes, without end.
    Flood,
    /// This HTTP response, whatever the protocol.
    Http {
        /// Its status.
        status: u16,
        /// Its headers; `Content-Length` comes by itself.
        headers: Vec<(String, String)>,
        /// Its body.
        body: String,
    },
}
