//! What a hub says in MQTT and AMQP, without any I/O: the same over TLS and in WebSocket frames.

mod amqp;
mod mqtt;
mod reply;

pub use amqp::AmqpSession;
pub use mqtt::MqttSession;
pub use reply::Reply;

/// A conversation in one of the two protocols.
#[derive(Debug)]
pub enum Session {
    /// In MQTT.
    Mqtt(MqttSession),
    /// In AMQP.
    Amqp(AmqpSession),
}

impl Session {
    /// A conversation in MQTT.
    pub fn mqtt() -> Self {
        Self::Mqtt(MqttSession::default())
    }

    /// A conversation in AMQP.
    pub fn amqp() -> Self {
        Self::Amqp(AmqpSession::default())
    }

    /// The same; a CONNECT gets this code.
    pub fn with_connack_code(self, code: u8) -> Self {
        match self {
            Self::Mqtt(session) => Self::Mqtt(session.with_code(code)),
            amqp @ Self::Amqp(_) => amqp,
        }
    }

    /// Takes what came, in pieces of any size, and gives what to send.
    pub fn receive(&mut self, bytes: &[u8]) -> Reply {
        match self {
            Self::Mqtt(session) => session.receive(bytes),
            Self::Amqp(session) => session.receive(bytes),
        }
    }

    /// The protocol's name, for events.
    pub(super) fn protocol(&self) -> &'static str {
        match self {
            Self::Mqtt(_) => "MQTT",
            Self::Amqp(_) => "AMQP",
        }
    }

    /// The right beginning of an answer, and what to prolong it with so that it is never complete, where there is such a
    /// thing: every CONNACK has four bytes.
    pub(super) fn endless(&self) -> (&'static [u8], Option<u8>) {
        match self {
            Self::Mqtt(_) => (mqtt::INCOMPLETE, None),
            Self::Amqp(_) => (amqp::INCOMPLETE, Some(0)),
        }
    }
}
