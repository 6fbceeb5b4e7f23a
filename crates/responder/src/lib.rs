//! The other end: a hub that answers like the real one, or misbehaves as told. For `serve`, `demo` and tests.
//!
//! It refuses every login, in the login's own protocol: a check of the network needs no more. What a peer sends is
//! bounded in size and time.

pub mod admission;
mod behaviour;
mod carrier;
mod certificate;
mod config;
mod connection;
mod http;
mod listener;
mod misbehave;
mod port_mode;
mod proxy_header;
mod refusal;
mod session;
mod stream;
mod tls;
mod upgrade;
mod web;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use hubreach_model::observation;
use hubreach_probe::{self as probe, wire};
use tokio::task::{AbortHandle, JoinSet};

pub use behaviour::{AfterHandshake, Answer, Behaviour, PortBehaviour, PortMode, Tls, Upgrade, WebSocketBehaviour};
pub use certificate::{CertificateAuthority, IdentityError, ServerIdentity, Validity};
pub use config::{DEFAULT_IDLE, ResponderConfig, WsPath};
pub use session::{AmqpSession, MqttSession, Reply, Session};

#[cfg(fuzzing)]
#[doc(hidden)]
pub use proxy_header::read as read_proxy_header;

use self::{
    admission::{Admission, Shares},
    connection::{Context, Service},
    port_mode::Opened,
};

/// Reads `bytes` as a client's request, and answers the upgrade that it may ask for.
#[cfg(fuzzing)]
pub fn read_request(bytes: &[u8]) {
    if let Some(request) = http::read(bytes) {
        upgrade::read(&request);
    }
}

/// The connections of all listeners. An audit of a site comes from one address, and opens hundreds at once; nobody needs longer
/// than the idle time over the slowest link, unless it is told to wait.
const SHARES: Shares = Shares { most: 256, each: 192, waiting: 256, idle: Duration::from_secs(5) };

/// A running responder. When it is dropped it stops, with all its connections, as soon as its runtime comes round to it;
/// [`Responder::stop`] waits for that.
///
/// Connections and their protocols are logged by `tracing`, at level info.
#[derive(Debug)]
pub struct Responder {
    mqtt: Option<SocketAddr>,
    amqp: Option<SocketAddr>,
    web: Option<SocketAddr>,
    ca_pem: Option<String>,
    /// Sockets that only have to exist.
    _reserved: Vec<Opened>,
    listeners: JoinSet<()>,
    admission: Admission,
}

impl Responder {
    /// Opens the listeners of `config` and serves them. Must run inside a tokio runtime with I/O and time enabled.
    pub async fn start(config: ResponderConfig) -> io::Result<Self> {
        let ResponderConfig { mqtt, amqp, web, identity, behaviour, ws_path, idle } = config;
        let admission = Admission::new(SHARES);
        let behaviour = Arc::new(behaviour);
        let mut responder = Self {
            mqtt: None,
            amqp: None,
            web: None,
            ca_pem: identity.ca_pem(),
            _reserved: Vec::new(),
            listeners: JoinSet::new(),
            admission: admission.clone(),
        };
        let ports = [
            (mqtt, &behaviour.mqtt_port, Service::Mqtt),
            (amqp, &behaviour.amqp_port, Service::Amqp),
            (web, &behaviour.web_port, Service::Web),
        ];
        for (address, port, speaks) in ports {
            let Some(address) = address else { continue };
            let opened = port_mode::open(address, &port.mode).await?;
            let actual = Some(opened.local_addr()?);
            match speaks {
                Service::Mqtt => responder.mqtt = actual,
                Service::Amqp => responder.amqp = actual,
                Service::Web => responder.web = actual,
            }
            let Opened::Listening(listener) = opened else {
                responder._reserved.push(opened);
                continue;
            };
            let context = Arc::new(Context {
                tls: tls::acceptor(&identity, &port.tls).map_err(|error| io::Error::other(error.to_string()))?,
                port: port.clone(),
                behaviour: behaviour.clone(),
                speaks,
                ws_path: ws_path.clone(),
                idle,
            });
            let _: AbortHandle = responder.listeners.spawn(listener::serve(listener, admission.clone(), context));
        }
        Ok(responder)
    }

    /// Where MQTT is served.
    pub fn mqtt(&self) -> Option<SocketAddr> {
        self.mqtt
    }

    /// Where AMQP is served.
    pub fn amqp(&self) -> Option<SocketAddr> {
        self.amqp
    }

    /// Where HTTPS and both WebSocket variants are served.
    pub fn web(&self) -> Option<SocketAddr> {
        self.web
    }

    /// The root that signs the certificate shown, as PEM, where it is known.
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// Stops; when this returns, no connection is left and the ports are free.
    pub async fn stop(mut self) {
        self.listeners.shutdown().await;
        // The connections are ending by now; each frees its slot when it has ended.
        self.admission.empty().await;
    }
}
