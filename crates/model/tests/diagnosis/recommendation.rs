//! What a device here is told to use.

use hubreach::{
    diagnose,
    diagnosis::{ProxySdkSettings, Recommendation},
    hub::Route,
};
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

/// The recommendation where nothing but `allowed` gets out, told by route, through a proxy of this scheme.
fn with_proxy(scheme: &str, logged_in: bool, allowed: &[&str], role: &str, kind: &str) -> Recommendation {
    let dropped = json!({ "connect": { "failure": { "kind": "timed-out", "retransmits": 3 } } });
    let consent = json!({ "proxy": { "evidence": { "logged_in": logged_in } } });
    let protocols = ["mqtt", "mqtt-ws", "amqp", "amqp-ws", "https"];
    let checks = protocols.iter().flat_map(|one| [format!("{one}@direct"), format!("{one}@proxy")]);
    let attempts: serde_json::Map<_, _> = checks
        .map(|check| {
            let differs = if allowed.contains(&check.as_str()) { consent.clone() } else { dropped.clone() };
            (check, differs)
        })
        .collect();
    let resolution = json!({ "outcome": "ok", "duration_ms": 3.0, "addresses": ["10.20.0.80"], "cname": [],
        "failure": null });
    let proxy = json!({ "scheme": scheme, "host": "proxy.corp", "port": 3128, "has_credentials": logged_in,
        "source": null, "resolution": resolution, "experiments": [] });
    let case = json!({ "about": "", "role": role, "kind": kind, "proxy": proxy, "attempts": attempts,
        "expected": { "findings": [] } });
    let case: Case = serde_json::from_value(case).expect("a case");
    diagnose(&case.observations()).recommendation.expect("something is allowed")
}

pub fn a_proxy_is_used_only_where_it_helps_and_by_what_sdks_can_do_there() {
    let everything = ["mqtt", "mqtt-ws", "amqp", "amqp-ws", "https"];
    let on = |route: &str, protocols: &[&str]| -> Vec<String> {
        protocols.iter().map(|protocol| format!("{protocol}@{route}")).collect()
    };
    let proxied = on("proxy", &everything);
    for (scheme, direct, device, gateway) in [
        // Whatever pushes goes without the proxy.
        ("http", &everything[..], "mqtt@direct", "amqp@direct"),
        ("http", &["mqtt-ws"], "mqtt-ws@direct", "mqtt-ws@direct"),
        // HTTPS cannot.
        ("http", &["https"], "mqtt-ws@proxy", "amqp-ws@proxy"),
        ("http", &[], "mqtt-ws@proxy", "amqp-ws@proxy"),
        ("socks5h", &[], "mqtt@proxy", "mqtt@proxy"),
    ] {
        let allowed = [on("direct", direct), proxied.clone()].concat();
        let allowed: Vec<&str> = allowed.iter().map(String::as_str).collect();
        for (role, expected) in [("device", device), ("gateway", gateway)] {
            let one = with_proxy(scheme, false, &allowed, role, "azure-iot-hub");
            assert_eq!(format!("{}@{}", one.protocol, one.route), expected, "{scheme} {direct:?} {role}");
            assert_eq!(one.proxy.is_some(), one.route == Route::Proxy);
        }
    }
    // What speaks MQTT itself through an HTTP proxy is better than nothing.
    let native = with_proxy("http", false, &["mqtt@proxy"], "device", "azure-iot-hub");
    assert_eq!((native.settings.python.as_deref(), native.settings.dotnet), (Some("websockets=False"), None));
    assert!(native.reason.contains("only Python's"), "{}", native.reason);
}

pub fn each_sdk_is_told_how_to_use_the_proxy() {
    let settings = |scheme: &str, logged_in: bool, protocol: &str| -> ProxySdkSettings {
        with_proxy(scheme, logged_in, &[&format!("{protocol}@proxy")], "device", "azure-iot-hub").proxy.expect("one")
    };
    let text = |line: &str| Some(line.to_owned());
    assert_eq!(
        settings("http", false, "mqtt-ws"),
        ProxySdkSettings {
            url: "http://proxy.corp:3128".to_owned(),
            c: text(
                "HTTP_PROXY_OPTIONS proxy = { \"proxy.corp\", 3128, NULL, NULL }; \
                 IoTHubDeviceClient_LL_SetOption(client, OPTION_HTTP_PROXY, &proxy);"
            ),
            dotnet: text(
                "new MqttTransportSettings(TransportType.Mqtt_WebSocket_Only) { Proxy = new WebProxy(\"http://proxy.corp:3128\") }"
            ),
            java: text("new ProxySettings(new Proxy(Proxy.Type.HTTP, new InetSocketAddress(\"proxy.corp\", 3128)))"),
            python: text("proxy_options=ProxyOptions(proxy_type=\"HTTP\", proxy_addr=\"proxy.corp\", proxy_port=3128)"),
            node: text(
                "client.setOptions({ mqtt: { webSocketAgent: new HttpsProxyAgent(\"http://proxy.corp:3128\") } })"
            ),
            iot_edge: text("https_proxy = \"http://proxy.corp:3128\""),
            iot_edge_service: text("Environment=\"https_proxy=http://proxy.corp:3128\""),
        }
    );
    let with_login = settings("http", true, "mqtt-ws");
    assert_eq!(with_login.url, "http://USER:PASSWORD@proxy.corp:3128");
    assert!(
        with_login.python.is_some_and(|line| line.contains("proxy_username=\"USER\", proxy_password=\"PASSWORD\""))
    );
    assert!(with_login.java.is_some_and(|line| line.contains("\"USER\", \"PASSWORD\".toCharArray()")));
    let socks = settings("socks5h", true, "mqtt");
    assert!(socks.python.is_some_and(|line| line.contains("SOCKS5") && line.contains("proxy_username=\"USER\"")));
    assert_eq!((socks.c, socks.dotnet, socks.java, socks.node, socks.iot_edge), (None, None, None, None, None));
    let over_tls = settings("https", false, "amqp-ws");
    assert_eq!((over_tls.node.is_some(), over_tls.dotnet, over_tls.python), (true, None, None));
    let https = settings("http", false, "https");
    assert_eq!((https.c, https.python, https.iot_edge), (None, None, None));
    assert!(https.node.is_some_and(|line| line.contains("http: { agent: ")));
}

pub fn a_proxy_has_its_own_caveats() {
    let caveats = |scheme: &str, protocol: &str, kind: &str| {
        with_proxy(scheme, true, &[&format!("{protocol}@proxy")], "device", kind).caveats.join(" ")
    };
    assert!(caveats("http", "mqtt-ws", "azure-iot-hub").contains("keep-alive"));
    assert!(!caveats("http", "https", "azure-iot-hub").contains("keep-alive"));
    assert!(caveats("http", "mqtt-ws", "azure-iot-hub").contains("Python SDK logs in to an HTTP proxy too"));
    assert!(caveats("socks5", "mqtt", "azure-iot-hub").contains("SOCKS proxy"));
    assert!(caveats("https", "mqtt-ws", "azure-iot-hub").contains("Hardly any SDK"));
    assert!(caveats("http", "amqp-ws", "azure-iot-edge").contains("[agent.env]"));
    assert!(caveats("http", "mqtt", "aws-iot-core").contains("HttpProxyOptions"));
}
