//! Each SDK's name for a protocol.

use crate::{diagnosis::SdkSettings, hub::Protocol};

/// The Python SDK speaks only MQTT; IoT Edge speaks no HTTPS.
pub(super) fn settings(protocol: Protocol) -> SdkSettings {
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
