//! What a device here is told to use.

use hubreach::{diagnose, diagnosis::Recommendation};
use serde_json::{Value, json};

use crate::made::Case;

/// The recommendation where `allowed` and nothing else of what the hub offers is let out.
fn where_allowed(allowed: &[&str], role: &str) -> Option<Recommendation> {
    let dropped = json!({ "connect": { "failure": { "kind": "timed-out", "retransmits": 3 } } });
    let attempts: Value = ["mqtt", "mqtt-ws", "amqp", "amqp-ws", "https"]
        .into_iter()
        .filter(|protocol| !allowed.contains(protocol))
        .map(|protocol| (protocol.to_owned(), dropped.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let case = json!({ "about": "", "role": role, "attempts": attempts, "expected": { "findings": [] } });
    let case: Case = serde_json::from_value(case).expect("a case");
    diagnose(&case.observations()).recommendation
}

fn recommended(allowed: &[&str], role: &str) -> Recommendation {
    where_allowed(allowed, role).expect("something is allowed")
}

pub fn the_vendors_guidance_decides_among_what_is_allowed() {
    let all = ["mqtt", "mqtt-ws", "amqp", "amqp-ws", "https"];
    for (allowed, device, gateway) in [
        (&all[..], "mqtt", "amqp"),
        (&["mqtt-ws", "amqp-ws", "https"], "mqtt-ws", "amqp-ws"),
        (&["amqp", "https"], "amqp", "amqp"),
        (&["mqtt", "mqtt-ws", "https"], "mqtt", "mqtt"),
        (&["https"], "https", "https"),
    ] {
        assert_eq!(recommended(allowed, "device").protocol.id(), device, "{allowed:?}");
        assert_eq!(recommended(allowed, "gateway").protocol.id(), gateway, "{allowed:?}");
    }
    assert_eq!(where_allowed(&[], "device"), None);
}

pub fn the_reason_says_what_is_stopped_here_and_what_the_choice_costs() {
    assert!(recommended(&["mqtt-ws", "https"], "device").reason.contains("unlike MQTT."));
    let https = recommended(&["https"], "device").reason;
    assert!(https.contains("every 25 minutes") && https.contains("cannot push"), "{https}");
    assert!(recommended(&["mqtt"], "gateway").reason.contains("for each device"));
}

pub fn each_sdk_is_told_in_its_own_words() {
    for (protocol, settings) in [
        ("mqtt", ["Mqtt_Tcp_Only", "MQTT", "websockets=False", "Mqtt", "Mqtt"]),
        ("mqtt-ws", ["Mqtt_WebSocket_Only", "MQTT_WS", "websockets=True", "MqttWs", "MqttWs"]),
        ("amqp", ["Amqp_Tcp_Only", "AMQPS", "", "Amqp", "Amqp"]),
        ("amqp-ws", ["Amqp_WebSocket_Only", "AMQPS_WS", "", "AmqpWs", "AmqpWs"]),
        ("https", ["Http1", "HTTPS", "", "Http", ""]),
    ] {
        let said = recommended(&[protocol], "device").settings;
        let said = [said.dotnet, said.java, said.python, said.node, said.iot_edge].map(Option::unwrap_or_default);
        assert_eq!(said, settings, "{protocol}");
    }
}
