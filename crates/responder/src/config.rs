//! What to serve, and where.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use super::{Behaviour, ServerIdentity};

/// How long a silent peer is kept by default.
pub const DEFAULT_IDLE: Duration = Duration::from_secs(30);

/// What to serve, and where. Port 0 stands for any free port.
#[derive(Debug, Clone)]
pub struct ResponderConfig {
    /// Where to serve MQTT; a real hub's port is 8883.
    pub mqtt: Option<SocketAddr>,
    /// Where to serve AMQP; a real hub's port is 5671.
    pub amqp: Option<SocketAddr>,
    /// Where to serve HTTPS and both WebSocket variants; a real hub's port is 443.
    pub web: Option<SocketAddr>,
    /// The certificate to show.
    pub identity: ServerIdentity,
    /// How to misbehave; not at all by default.
    pub behaviour: Behaviour,
    /// Which path is upgraded to WebSocket.
    pub ws_path: WsPath,
    /// How long a silent peer is kept.
    pub idle: Duration,
}

impl ResponderConfig {
    /// Serves nothing yet.
    pub fn new(identity: ServerIdentity) -> Self {
        Self {
            mqtt: None,
            amqp: None,
            web: None,
            identity,
            behaviour: Behaviour::default(),
            ws_path: WsPath::default(),
            idle: DEFAULT_IDLE,
        }
    }

    /// Serves everything on free ports of 127.0.0.1.
    pub fn loopback(identity: ServerIdentity) -> Self {
        let free = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        Self { mqtt: free, amqp: free, web: free, ..Self::new(identity) }
    }

    /// The same, misbehaving.
    pub fn behaving(self, behaviour: Behaviour) -> Self {
        Self { behaviour, ..self }
    }
}

/// Where WebSocket is offered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum WsPath {
    /// At the path of Azure IoT Hub and its Device Provisioning Service.
    #[default]
    Hub,
    /// At every path.
    Any,
    /// At this path alone.
    Only(String),
}
