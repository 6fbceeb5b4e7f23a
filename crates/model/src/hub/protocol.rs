//! The application protocols an IoT hub speaks.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// One way for a device to talk to a hub. Written in kebab-case everywhere: `mqtt`, `amqp-ws`, ...
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// MQTT 3.1.1 over TLS.
    Mqtt,
    /// MQTT 3.1.1 in binary WebSocket frames over TLS.
    MqttWs,
    /// AMQP 1.0 with SASL over TLS.
    Amqp,
    /// AMQP 1.0 with SASL in binary WebSocket frames over TLS.
    AmqpWs,
    /// HTTP/1.1 over TLS.
    Https,
}

impl Protocol {
    /// Every protocol, in the order in which reports list them.
    pub const ALL: [Self; 5] = [Self::Mqtt, Self::Amqp, Self::Https, Self::MqttWs, Self::AmqpWs];

    /// The word used in JSON, options and check ids.
    pub fn id(self) -> &'static str {
        match self {
            Self::Mqtt => "mqtt",
            Self::MqttWs => "mqtt-ws",
            Self::Amqp => "amqp",
            Self::AmqpWs => "amqp-ws",
            Self::Https => "https",
        }
    }

    /// The words used for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Mqtt => "MQTT",
            Self::MqttWs => "MQTT over WebSocket",
            Self::Amqp => "AMQP",
            Self::AmqpWs => "AMQP over WebSocket",
            Self::Https => "HTTPS",
        }
    }

    /// The WebSocket subprotocol that carries it, where it is carried by WebSocket:
    /// `mqtt` (OASIS MQTT 3.1.1, section 6), `AMQPWSB10` (OASIS AMQP WebSocket binding, section 2.1).
    pub fn subprotocol(self) -> Option<&'static str> {
        match self {
            Self::MqttWs => Some("mqtt"),
            Self::AmqpWs => Some("AMQPWSB10"),
            Self::Mqtt | Self::Amqp | Self::Https => None,
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// A word that is no protocol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown protocol; use one of: mqtt, amqp, https, mqtt-ws, amqp-ws")]
pub struct UnknownProtocol;

impl FromStr for Protocol {
    type Err = UnknownProtocol;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|protocol| protocol.id().eq_ignore_ascii_case(word.trim())).ok_or(UnknownProtocol)
    }
}
