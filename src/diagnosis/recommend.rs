//! What to use here, by the vendor's guidance: MQTT for a device with its own connection, AMQP for a gateway that
//! multiplexes devices over one, WebSocket where the network is closed to all but web traffic, HTTPS as a last resort.

use super::{Recommendation, SdkSettings};
use crate::{
    observation::Observations,
    target::{Protocol, Role, Route},
};

/// The order of preference for one device.
const DEVICE: [Protocol; 5] = [Protocol::Mqtt, Protocol::MqttWs, Protocol::Amqp, Protocol::AmqpWs, Protocol::Https];
/// The order of preference for a gateway.
const GATEWAY: [Protocol; 5] = [Protocol::Amqp, Protocol::AmqpWs, Protocol::Mqtt, Protocol::MqttWs, Protocol::Https];

/// The best of what is allowed: (protocol, route, is allowed) of every check.
pub(super) fn recommend(seen: &Observations, allowed: &[(Protocol, Route, bool)]) -> Option<Recommendation> {
    let order = match seen.role {
        Role::Device => DEVICE,
        Role::Gateway => GATEWAY,
    };
    let (check, protocol, route) = order.into_iter().find_map(|wanted| {
        let mut checks = seen.checks.iter().zip(allowed);
        let (check, (protocol, route, _)) = checks.find(|(_, (protocol, _, ok))| *ok && *protocol == wanted)?;
        Some((check, *protocol, *route))
    })?;
    // Where the hub offers it on several ports, the protocol alone does not say how.
    let ports = seen.checks.iter().filter(|other| (other.protocol, other.route) == (protocol, route)).count();
    let port = (ports > 1).then_some(check.port);
    let preferred_but_stopped = order
        .into_iter()
        .take_while(|better| *better != protocol)
        .filter(|better| allowed.iter().any(|(tested, ..)| tested == better))
        .map(|better| better.label().to_owned())
        .collect::<Vec<_>>();
    let facts = seen.hub.kind.facts();
    let settings = if facts.azure_sdk { azure_settings(protocol) } else { SdkSettings::default() };
    Some(Recommendation {
        protocol,
        route,
        reason: reason(protocol, port, facts.endpoints.len() == 1, seen.role, &preferred_but_stopped),
        settings,
    })
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

/// By the names that each SDK gives its transports; the Python SDK speaks MQTT alone, IoT Edge no HTTPS.
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
