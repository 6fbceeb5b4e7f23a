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
    /// Hostname suffixes that identify the kind (a label may begin with `*`, for any beginning), each with the roots that
    /// genuinely sign such names; the first that fits counts.
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

impl KindFacts {
    /// How `protocol` is offered at `port`: as there by default, else, at a port of the user's own, as at its first.
    pub(super) fn offer_at(&self, protocol: Protocol, port: u16) -> Option<&Offer> {
        let offers = || self.endpoints.iter().filter(|offer| offer.protocol == protocol);
        offers().find(|offer| offer.port == port).or_else(|| offers().next())
    }
}

/// One protocol at its standard port.
#[derive(Debug, PartialEq, Eq)]
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
    /// No user name: a client certificate, or at a WebSocket's upgrade and for HTTP a signature. Whoever shows none may be cut
    /// off without a word; the hub's own error codes in HTTP answers.
    AwsIotCore,
    /// No user name; an HTTP answer carries nothing by which a hub could be told.
    Anonymous,
}

/// Every kind, the default first.
pub const KINDS: &[KindFacts] = &[
    KindFacts {
        kind: HubKind::AzureIotHub,
        id: "azure-iot-hub",
        suffixes: &[
            ("*.azure-devices.net", roots::AZURE_PUBLIC),
            ("*.azure-devices.us", roots::AZURE_SOVEREIGN),
            ("*.azure-devices.cn", roots::AZURE_SOVEREIGN),
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
        // Endpoints that are not Amazon Trust Services' (`-ats`) once had another authority.
        suffixes: &[
            ("*-ats.iot.*.amazonaws.com", roots::AMAZON),
            ("*-ats.iot.*.amazonaws.com.cn", roots::AMAZON),
            ("*.ats.iot.*.amazonaws.com.cn", roots::AMAZON),
            ("*.iot.*.amazonaws.com", &[]),
            ("*.iot.*.amazonaws.com.cn", &[]),
        ],
        endpoints: &[
            offer(Protocol::Mqtt, 8883),
            offer_by_alpn(Protocol::Mqtt, 443, "x-amzn-mqtt-ca"),
            offer(Protocol::MqttWs, 443),
            offer(Protocol::Https, 8443),
            offer_by_alpn(Protocol::Https, 443, "x-amzn-http-ca"),
        ],
        ws_path: "/mqtt",
        login: Login::AwsIotCore,
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

/// Whether the last labels of `host` are those of `suffix`.
fn ends_with(host: &str, suffix: &str) -> bool {
    let mut labels = host.rsplit('.');
    suffix.rsplit('.').all(|wanted| match (labels.next(), wanted.strip_prefix('*')) {
        (Some(label), Some(end)) => label.len() > end.len() && label.ends_with(end),
        (label, _) => label == Some(wanted),
    })
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
        assert!(HubKind::by_suffix(".azure-devices.net").is_none());
    }

    #[test]
    fn amazons_roots_are_known_for_its_own_endpoints_alone() {
        let roots = |host| HubKind::by_suffix(host).map(|(kind, roots)| (kind, roots.len()));
        for host in [
            "a1b2c3-ats.iot.eu-west-1.amazonaws.com",
            "a1b2c3-ats.iot.cn-north-1.amazonaws.com.cn",
            "a1b2c3.ats.iot.cn-north-1.amazonaws.com.cn",
        ] {
            assert_eq!(roots(host), Some((HubKind::AwsIotCore, 5)), "{host}");
        }
        assert_eq!(roots("a1b2c3.iot.eu-west-1.amazonaws.com"), Some((HubKind::AwsIotCore, 0)));
        assert_eq!(roots("iot.eu-west-1.amazonaws.com"), None);
        assert_eq!(roots("bucket.s3.eu-west-1.amazonaws.com"), None);
    }
}
