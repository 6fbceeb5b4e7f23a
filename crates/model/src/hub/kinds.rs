//! What a hub of each kind offers. A kind is data: to add one, add its word to [`HubKind`] and its row here.

use super::{
    HubKind, Protocol,
    facts::{KindFacts, PLAIN, ResponseSignature, default_endpoint, default_endpoint_by_alpn},
    roots,
};

/// The endpoints of Azure IoT Hub and related services.
const AZURE_DEVICE_PORTS: &[super::DefaultEndpoint] = &[
    default_endpoint(Protocol::Mqtt, 8883),
    default_endpoint(Protocol::Amqp, 5671),
    default_endpoint(Protocol::Https, 443),
    default_endpoint(Protocol::MqttWs, 443),
    default_endpoint(Protocol::AmqpWs, 443),
];

const AZURE_IOT_HUB: KindFacts = KindFacts {
    kind: HubKind::AzureIotHub,
    suffixes: &[
        ("*.azure-devices.net", roots::AZURE_PUBLIC),
        ("*.azure-devices.us", roots::AZURE_SOVEREIGN),
        ("*.azure-devices.cn", roots::AZURE_SOVEREIGN),
    ],
    endpoints: AZURE_DEVICE_PORTS,
    // Prevents the hub from requesting a client certificate by TLS renegotiation, which rustls does not support.
    ws_path: "/$iothub/websocket?iothub-no-client-cert=true",
    https_path: "/devices/{client}/messages/deviceBound?api-version=2021-04-12",
    mqtt_user: Some("{host}/{client}/?api-version=2021-04-12"),
    // `{"Message":"ErrorCode:IotHubUnauthorizedAccess;Unauthorized",...}`
    response_signatures: &[
        ResponseSignature::Header("iothub-errorcode"),
        ResponseSignature::Body("ErrorCode:IotHub"),
        ResponseSignature::Object(&["\"ErrorCode:"]),
    ],
    azure_sdk: true,
    service_tag: Some("AzureIoTHub"),
    ..PLAIN
};

/// Every kind, the default first.
pub static KINDS: &[KindFacts] = &[
    AZURE_IOT_HUB,
    KindFacts {
        kind: HubKind::AzureIotEdge,
        // Its name looks like any hub's: only the user knows what connects to it.
        suffixes: &[],
        // The source of the runtime's own images. It serves the registry API (OCI distribution, section 4).
        companions: &[("mcr.microsoft.com", "/v2/")],
        ..AZURE_IOT_HUB
    },
    KindFacts {
        kind: HubKind::AzureDps,
        suffixes: &[
            ("*.azure-devices-provisioning.net", roots::AZURE_PUBLIC),
            ("*.azure-devices-provisioning.us", roots::AZURE_SOVEREIGN),
            ("*.azure-devices-provisioning.cn", roots::AZURE_SOVEREIGN),
        ],
        endpoints: AZURE_DEVICE_PORTS,
        ws_path: AZURE_IOT_HUB.ws_path,
        // An ID scope is never all zeros.
        https_path: "/0ne00000000/registrations/{client}?api-version=2021-06-01",
        mqtt_user: Some("0ne00000000/registrations/{client}/api-version=2019-03-31"),
        // `{"errorCode":401002,"trackingId":"8ad0463c-...","message":"...","timestampUtc":"..."}`
        response_signatures: &[ResponseSignature::Object(&["\"errorCode\"", "\"trackingId\""])],
        service_tag: Some("AzureIoTHub"),
        ..PLAIN
    },
    KindFacts {
        kind: HubKind::AzureEventGrid,
        // The roots of these names are less firmly documented than those of the hubs.
        suffixes: &[("*.ts.eventgrid.azure.net", &[])],
        endpoints: &[default_endpoint(Protocol::Mqtt, 8883), default_endpoint(Protocol::MqttWs, 443)],
        ws_path: "/mqtt",
        service_tag: Some("AzureEventGrid"),
        ..PLAIN
    },
    KindFacts {
        kind: HubKind::AwsIotCore,
        // Endpoints without Amazon Trust Services (`-ats`) once used another authority.
        suffixes: &[
            ("*-ats.iot.*.amazonaws.com", roots::AMAZON),
            ("*-ats.iot.*.amazonaws.com.cn", roots::AMAZON),
            ("*.ats.iot.*.amazonaws.com.cn", roots::AMAZON),
            ("*.iot.*.amazonaws.com", &[]),
            ("*.iot.*.amazonaws.com.cn", &[]),
        ],
        endpoints: &[
            default_endpoint(Protocol::Mqtt, 8883),
            default_endpoint_by_alpn(Protocol::Mqtt, 443, "x-amzn-mqtt-ca"),
            default_endpoint(Protocol::MqttWs, 443),
            default_endpoint(Protocol::Https, 8443),
            default_endpoint_by_alpn(Protocol::Https, 443, "x-amzn-http-ca"),
        ],
        ws_path: "/mqtt",
        https_path: "/things/{client}/shadow",
        response_signatures: &[ResponseSignature::Header("x-amzn-errortype")],
        login_by_certificate: true,
        ..PLAIN
    },
    KindFacts {
        kind: HubKind::MqttBroker,
        endpoints: &[default_endpoint(Protocol::Mqtt, 8883), default_endpoint(Protocol::MqttWs, 443)],
        ws_path: "/mqtt",
        ..PLAIN
    },
    KindFacts {
        kind: HubKind::AmqpBroker,
        endpoints: &[default_endpoint(Protocol::Amqp, 5671), default_endpoint(Protocol::AmqpWs, 443)],
        ..PLAIN
    },
    KindFacts { kind: HubKind::HttpsEndpoint, endpoints: &[default_endpoint(Protocol::Https, 443)], ..PLAIN },
];

impl HubKind {
    /// What the program knows about this kind.
    pub fn facts(self) -> &'static KindFacts {
        // Every kind has a row (a test ensures this). The fallback to the first avoids a panic.
        KINDS.iter().find(|facts| facts.kind == self).unwrap_or(&KINDS[0])
    }

    /// The kind that a hostname's suffix identifies, with the roots that sign such names.
    pub fn by_suffix(host: &str) -> Option<(Self, &'static [roots::RootPem])> {
        let host = host.to_ascii_lowercase();
        KINDS.iter().find_map(|facts| {
            let (_, roots) = facts.suffixes.iter().find(|(suffix, _)| ends_with(&host, suffix))?;
            Some((facts.kind, *roots))
        })
    }
}

/// Whether the last labels of `host` match `suffix`.
fn ends_with(host: &str, suffix: &str) -> bool {
    let mut labels = host.rsplit('.');
    suffix.rsplit('.').all(|wanted| match (labels.next(), wanted.strip_prefix('*')) {
        (Some(label), Some(end)) => label.len() > end.len() && label.ends_with(end),
        (label, _) => label == Some(wanted),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_row() {
        for facts in KINDS {
            assert!(std::ptr::eq(facts.kind.facts(), facts), "{} has two rows, or another's kind", facts.kind);
        }
        assert_eq!(KINDS.iter().map(|facts| facts.kind).collect::<Vec<_>>(), HubKind::ALL);
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
