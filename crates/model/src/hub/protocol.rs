//! The application protocols of IoT hubs.

use crate::enum_words;

enum_words! {
    /// One way for a device to talk to a hub. Written in kebab-case everywhere: `mqtt`, `amqp-ws`, ...
    #[derive(PartialOrd, Ord)]
    pub enum Protocol {
        /// MQTT 3.1.1 over TLS.
        Mqtt = "mqtt",
        /// MQTT 3.1.1 in binary WebSocket frames over TLS.
        MqttWs = "mqtt-ws",
        /// AMQP 1.0 with SASL over TLS.
        Amqp = "amqp",
        /// AMQP 1.0 with SASL in binary WebSocket frames over TLS.
        AmqpWs = "amqp-ws",
        /// HTTP/1.1 over TLS.
        Https = "https",
    }
    read as "protocol" or UnknownProtocol in [Mqtt, Amqp, Https, MqttWs, AmqpWs]
}

impl Protocol {
    /// The names for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Mqtt => "MQTT",
            Self::MqttWs => "MQTT over WebSocket",
            Self::Amqp => "AMQP",
            Self::AmqpWs => "AMQP over WebSocket",
            Self::Https => "HTTPS",
        }
    }

    /// The WebSocket subprotocol, if the protocol uses WebSocket: `mqtt` (OASIS MQTT 3.1.1, section 6), `AMQPWSB10`
    /// (OASIS AMQP WebSocket binding, section 2.1).
    pub fn subprotocol(self) -> Option<&'static str> {
        match self {
            Self::MqttWs => Some("mqtt"),
            Self::AmqpWs => Some("AMQPWSB10"),
            Self::Mqtt | Self::Amqp | Self::Https => None,
        }
    }
}
