//! The recommended protocol, by the vendors' guidance: MQTT for a device with its own connection, AMQP for a gateway
//! that multiplexes devices over one connection, WebSocket if the network lets out only web traffic, HTTPS as a last
//! resort.

use super::{Code, Recommendation, SdkSettings, Verdict, judged_check::JudgedCheck};
use crate::{
    hub::{HubKind, Protocol, Role, ats_name},
    observation::{CheckObservations, Observations},
};

/// The order of preference for one device.
const DEVICE_ORDER: [Protocol; 5] =
    [Protocol::Mqtt, Protocol::MqttWs, Protocol::Amqp, Protocol::AmqpWs, Protocol::Https];
/// The order of preference for a gateway.
const GATEWAY_ORDER: [Protocol; 5] =
    [Protocol::Amqp, Protocol::AmqpWs, Protocol::Mqtt, Protocol::MqttWs, Protocol::Https];
/// The order of preference if devices log in by certificate, which WebSocket does not take.
const CERTIFICATE_ORDER: [Protocol; 5] =
    [Protocol::Mqtt, Protocol::Amqp, Protocol::Https, Protocol::MqttWs, Protocol::AmqpWs];

/// An allowed check, and its drawbacks.
struct Allowed<'a> {
    check: &'a CheckObservations,
    /// The hub says that it does not serve.
    is_unavailable: bool,
    /// A box opens its TLS, so no device's certificate gets through.
    is_inspected: bool,
}

/// The best of the allowed checks.
pub(super) fn recommend(observations: &Observations, judged: &[JudgedCheck]) -> Option<Recommendation> {
    let facts = observations.hub.kind.facts();
    let order = match observations.role {
        _ if facts.login_by_certificate => CERTIFICATE_ORDER,
        Role::Device => DEVICE_ORDER,
        Role::Gateway => GATEWAY_ORDER,
    };
    let is_allowed = |judged: &JudgedCheck| judged.verdict == Verdict::Allowed;
    let allowed = || {
        observations.checks.iter().zip(judged).filter(|(_, judged)| is_allowed(judged)).map(|(check, judged)| {
            let has_cause = |code| judged.causes.iter().any(|cause| cause.code() == code);
            Allowed {
                check,
                is_unavailable: has_cause(Code::HubUnavailable),
                is_inspected: has_cause(Code::TlsIntercepted),
            }
        })
    };
    let rank = |one: &Allowed<'_>| {
        let position = order.into_iter().position(|protocol| protocol == one.check.protocol);
        (one.is_unavailable, one.is_inspected, position)
    };
    let best = allowed().min_by_key(rank)?;
    let (protocol, route) = (best.check.protocol, best.check.route);
    // If the hub offers the protocol on several ports, the recommendation names the port.
    let ports = observations.checks.iter().filter(|other| (other.protocol, other.route) == (protocol, route)).count();
    let port = (ports > 1).then_some(best.check.port);
    let is_stopped = |better: &Protocol| {
        let of_it = || observations.checks.iter().zip(judged).filter(|(check, _)| check.protocol == *better);
        of_it().any(|(_, judged)| judged.is_offered) && !of_it().any(|(_, judged)| is_allowed(judged))
    };
    let preferred_but_stopped: Vec<String> = order
        .into_iter()
        .take_while(|better| *better != protocol)
        .filter(is_stopped)
        .map(|better| better.label().to_owned())
        .collect();
    let settings = if facts.azure_sdk { azure_settings(protocol) } else { SdkSettings::default() };
    let mut reason = reason(protocol, port, facts.endpoints.len() == 1, observations.role, &preferred_but_stopped);
    let websocket_too = allowed().any(|other| other.check.protocol == Protocol::MqttWs);
    let silenced: Vec<&str> = order
        .into_iter()
        .filter(|other| *other != protocol)
        .filter(|other| allowed().any(|one| one.is_unavailable && one.check.protocol == *other))
        .map(Protocol::label)
        .collect();
    if !best.is_unavailable && !silenced.is_empty() {
        let (silenced, is) = (super::text::listed(&silenced), if silenced.len() > 1 { "are" } else { "is" });
        reason += &format!(" {silenced} {is} let out too, but the hub says there that it does not serve.");
    }
    Some(Recommendation { protocol, route, reason, caveats: caveats(observations, &best, websocket_too), settings })
}

/// What users for whom it does not work must know.
fn caveats(observations: &Observations, best: &Allowed<'_>, websocket_too: bool) -> Vec<String> {
    let kind = observations.hub.kind;
    let mut sentences = Vec::new();
    if best.is_unavailable {
        sentences.push("But the hub itself says that it does not serve.".to_owned());
    }
    if best.is_inspected {
        sentences.push("TLS is inspected here: devices with X.509 certificates cannot log in this way.".to_owned());
    }
    match (kind, best.check.protocol) {
        (HubKind::AwsIotCore, Protocol::MqttWs) => {
            sentences.push("WebSocket takes SigV4 or custom logins, not X.509 certificates.".to_owned());
        }
        (HubKind::AwsIotCore, Protocol::Https) if websocket_too => sentences.push(
            "MQTT over WebSocket is allowed too; it, and HTTPS on 443 without its ALPN, take SigV4 or custom logins, not X.509 \
             certificates."
                .to_owned(),
        ),
        (HubKind::AzureIotHub | HubKind::AzureIotEdge | HubKind::AzureDps, Protocol::MqttWs | Protocol::AmqpWs)
            if !best.is_inspected =>
        {
            sentences.push(
                "X.509 certificates need MQTT or AMQP: few SDKs take them over WebSocket."
                    .to_owned(),
            )
        }
        _ => {}
    }
    if let Some(ats) = ats_name(&observations.hub.host).filter(|_| kind == HubKind::AwsIotCore) {
        sentences.push(format!("This name is AWS's legacy endpoint: give devices {ats}, whose authority they hold."));
    }
    sentences
}

fn reason(protocol: Protocol, port: Option<u16>, only: bool, role: Role, stopped: &[String]) -> String {
    let here = port.map_or_else(|| "here".to_owned(), |port| format!("here on port {port}"));
    if only {
        return format!("It is allowed {here}, and all that there is to choose.");
    }
    let merit = match (protocol, role) {
        (Protocol::Mqtt, Role::Device) => {
            "It pushes to the device, is compact, and its libraries have the smallest footprint."
        }
        (Protocol::MqttWs, Role::Device) => {
            "It pushes to the device like MQTT and is as compact, in web traffic that this network lets out."
        }
        (Protocol::Amqp, Role::Gateway) => "It carries many devices over one TLS connection, pushes, and is compact.",
        (Protocol::AmqpWs, Role::Gateway) => {
            "It carries many devices over one TLS connection like AMQP, in web traffic that this network lets out."
        }
        (Protocol::Amqp | Protocol::AmqpWs, Role::Device) => {
            "It pushes to the device and is compact; its libraries are larger than MQTT's."
        }
        (Protocol::Mqtt | Protocol::MqttWs, Role::Gateway) => {
            "It pushes and is compact, but needs a TLS connection for each device behind the gateway."
        }
        (Protocol::Https, _) => {
            "It is the last resort: the hub cannot push, so a device must poll for commands, no more often than every 25 \
             minutes in production, and messages are larger."
        }
    };
    match stopped {
        [] => format!("It is allowed {here}. {merit}"),
        stopped => format!("It is allowed {here}, unlike {}. {merit}", super::text::listed(stopped)),
    }
}

/// Each SDK's name for the transport. The Python SDK speaks only MQTT; IoT Edge speaks no HTTPS.
fn azure_settings(protocol: Protocol) -> SdkSettings {
    let (dotnet, java, python, node, iot_edge) = match protocol {
        Protocol::Mqtt => ("Mqtt_Tcp_Only", "MQTT", Some("websockets=False"), "Mqtt", Some("Mqtt")),
        Protocol::MqttWs => ("Mqtt_WebSocket_Only", "MQTT_WS", Some("websockets=True"), "MqttWs", Some("MqttWs")),
        Protocol::Amqp => ("Amqp_Tcp_Only", "AMQPS", None, "Amqp", Some("Amqp")),
        Protocol::AmqpWs => ("Amqp_WebSocket_Only", "AMQPS_WS", None, "AmqpWs", Some("AmqpWs")),
        Protocol::Https => ("Http1", "HTTPS", None, "Http", None),
    };
    SdkSettings {
        dotnet: Some(dotnet.to_owned()),
        java: Some(java.to_owned()),
        python: python.map(str::to_owned),
        node: Some(node.to_owned()),
        iot_edge: iot_edge.map(str::to_owned),
    }
}
