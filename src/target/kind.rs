//! What a hub of each kind offers. A kind is data: adding one means adding a row to [`KINDS`].

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{Protocol, roots};

/// The product behind a hostname.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum HubKind {
    /// Azure IoT Hub.
    AzureIotHub,
    /// AWS IoT Core.
    AwsIotCore,
    /// Any MQTT 3.1.1 broker behind TLS.
    MqttBroker,
    /// Any AMQP 1.0 broker with SASL behind TLS.
    AmqpBroker,
}

/// All that the program knows about one kind.
#[derive(Debug)]
pub struct KindFacts {
    /// The kind these facts are about.
    pub kind: HubKind,
    /// The word used in JSON and options.
    pub id: &'static str,
    /// Hostname suffixes that identify the kind (`*` stands for any one label), each with the roots that genuinely sign such
    /// names.
    pub suffixes: &'static [(&'static str, &'static [roots::RootPem])],
    /// What is offered, and where by default.
    pub endpoints: &'static [Offer],
    /// Path of the WebSocket upgrade.
    pub ws_path: &'static str,
    /// What a login without credentials looks like in this product.
    pub login: Login,
    /// The name under which the vendor publishes the addresses of such hubs for firewalls.
    pub service_tag: Option<&'static str>,
}

/// One protocol at its standard port.
#[derive(Debug)]
pub struct Offer {
    /// What is spoken.
    pub protocol: Protocol,
    /// The TCP port.
    pub port: u16,
    /// The application protocol that a client must name in its TLS hello (ALPN, RFC 7301).
    pub alpn: Option<&'static str>,
}

const fn offer(protocol: Protocol, port: u16) -> Offer {
    Offer { protocol, port, alpn: None }
}

const fn offer_by_alpn(protocol: Protocol, port: u16, alpn: &'static str) -> Offer {
    Offer { protocol, port, alpn: Some(alpn) }
}

/// How a client introduces itself; never with anything that could be a real device's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    /// MQTT user name `{host}/{client-id}/?api-version=...`, an HTTPS device path, the hub's own error codes in HTTP answers.
    AzureIotHub,
    /// No user name; an HTTP answer carries nothing by which a hub could be told.
    Anonymous,
}

/// Every kind, the default first.
pub const KINDS: &[KindFacts] = &[
    KindFacts {
        kind: HubKind::AzureIotHub,
        id: "azure-iot-hub",
        suffixes: &[
            ("azure-devices.net", roots::AZURE_PUBLIC),
            ("azure-devices.us", roots::AZURE_SOVEREIGN),
            ("azure-devices.cn", roots::AZURE_SOVEREIGN),
        ],
        endpoints: &[
            offer(Protocol::Mqtt, 8883),
            offer(Protocol::Amqp, 5671),
            offer(Protocol::Https, 443),
            offer(Protocol::MqttWs, 443),
            offer(Protocol::AmqpWs, 443),
        ],
        // Keeps the hub from asking for a client certificate by TLS renegotiation, which rustls does not do.
        ws_path: "/$iothub/websocket?iothub-no-client-cert=true",
        login: Login::AzureIotHub,
        service_tag: Some("AzureIoTHub"),
    },
    KindFacts {
        kind: HubKind::AwsIotCore,
        id: "aws-iot-core",
        suffixes: &[("iot.*.amazonaws.com", roots::AMAZON), ("iot.*.amazonaws.com.cn", roots::AMAZON)],
        endpoints: &[
            offer(Protocol::Mqtt, 8883),
            offer_by_alpn(Protocol::Mqtt, 443, "x-amzn-mqtt-ca"),
            offer(Protocol::MqttWs, 443),
            offer(Protocol::Https, 8443),
            offer_by_alpn(Protocol::Https, 443, "x-amzn-http-ca"),
        ],
        ws_path: "/mqtt",
        login: Login::Anonymous,
        service_tag: None,
    },
    KindFacts {
        kind: HubKind::MqttBroker,
        id: "mqtt-broker",
        suffixes: &[],
        endpoints: &[offer(Protocol::Mqtt, 8883), offer(Protocol::MqttWs, 443)],
        ws_path: "/mqtt",
        login: Login::Anonymous,
        service_tag: None,
    },
    KindFacts {
        kind: HubKind::AmqpBroker,
        id: "amqp-broker",
        suffixes: &[],
        endpoints: &[offer(Protocol::Amqp, 5671), offer(Protocol::AmqpWs, 443)],
        ws_path: "/",
        login: Login::Anonymous,
        service_tag: None,
    },
];

impl HubKind {
    /// What the program knows about this kind.
    pub fn facts(self) -> &'static KindFacts {
        // Every kind has a row (a test holds this); the first stands in rather than a panic.
        KINDS.iter().find(|facts| facts.kind == self).unwrap_or(&KINDS[0])
    }

    /// The word used in JSON and options.
    pub fn id(self) -> &'static str {
        self.facts().id
    }

    /// The kind that a hostname's suffix gives away, with the roots that sign such names.
    pub fn by_suffix(host: &str) -> Option<(Self, &'static [roots::RootPem])> {
        let host = host.to_ascii_lowercase();
        KINDS.iter().find_map(|facts| {
            let (_, roots) = facts.suffixes.iter().find(|(suffix, _)| ends_with(&host, suffix))?;
            Some((facts.kind, *roots))
        })
    }
}

/// Whether `host` is a name below `suffix`.
fn ends_with(host: &str, suffix: &str) -> bool {
    let mut labels = host.rsplit('.');
    let matches = suffix.rsplit('.').all(|wanted| labels.next().is_some_and(|label| wanted == "*" || wanted == label));
    matches && labels.next().is_some()
}

impl fmt::Display for HubKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// A word that is no kind of hub.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown kind of hub; use one of: azure-iot-hub, aws-iot-core, mqtt-broker, amqp-broker")]
pub struct UnknownKind;

impl FromStr for HubKind {
    type Err = UnknownKind;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        KINDS.iter().find(|facts| facts.id.eq_ignore_ascii_case(word)).map(|facts| facts.kind).ok_or(UnknownKind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_row() {
        for kind in [HubKind::AzureIotHub, HubKind::AwsIotCore, HubKind::MqttBroker, HubKind::AmqpBroker] {
            assert_eq!(kind.facts().kind, kind);
            assert_eq!(kind.id().parse(), Ok(kind));
        }
    }

    #[test]
    fn a_suffix_counts_only_behind_a_dot() {
        assert!(HubKind::by_suffix("contoso.Azure-Devices.net").is_some());
        assert!(HubKind::by_suffix("evilazure-devices.net").is_none());
        assert!(HubKind::by_suffix("azure-devices.net").is_none());
        let aws = HubKind::by_suffix("a1b2c3-ats.iot.eu-west-1.amazonaws.com").map(|(kind, _)| kind);
        assert_eq!(aws, Some(HubKind::AwsIotCore));
        assert!(HubKind::by_suffix("bucket.s3.eu-west-1.amazonaws.com").is_none());
    }
}
