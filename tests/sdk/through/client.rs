//! The clients, and where a report has the settings of each.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

use super::{
    super::{missing, need, process::run, python},
    TIME_LIMIT,
    hub::Hub,
    proxy::Server,
};

/// Where Debian keeps Node's packages; not every Node looks there.
const NODE_PATH: &str = "/usr/share/nodejs";

pub struct Client {
    pub name: &'static str,
    pub missing: fn() -> Option<String>,
    pub protocol: &'static str,
    /// Its lines of a recommendation.
    pub settings: fn(&Value) -> Option<Vec<String>>,
    speaks_socks: bool,
    script: &'static str,
    /// Before the settings.
    words: &'static [&'static str],
    /// The hub's, as the client tells it.
    pub answer: &'static str,
}

const AZURE: Client = Client {
    name: "azure_iot_device::mqtt",
    missing: || missing("azure.iot.device"),
    protocol: "mqtt",
    settings: |recommended| Some(vec![line(&recommended["settings"]["python"])?, of_proxy(recommended, "python")?]),
    speaks_socks: true,
    script: "mqtt.py",
    words: &[],
    answer: "not authorised",
};

/// It takes the address, for it has no line of its own.
const PAHO: Client = Client {
    name: "paho::mqtt",
    settings: |recommended| Some(vec![of_proxy(recommended, "url")?]),
    script: "mqtt5.py",
    words: &["tcp"],
    answer: "reason 135: Not authorized",
    ..AZURE
};

const NODE: Client = Client {
    name: "node::mqtt_ws",
    missing: node_missing,
    protocol: "mqtt-ws",
    settings: |recommended| Some(vec![of_proxy(recommended, "node")?]),
    speaks_socks: false,
    script: "node.js",
    words: &[],
    answer: "error 5: Connection refused: Not authorized",
};

pub const CLIENTS: &[Client] = &[
    AZURE,
    Client { name: "azure_iot_device::mqtt_ws", protocol: "mqtt-ws", ..AZURE },
    PAHO,
    Client { name: "paho::mqtt_ws", protocol: "mqtt-ws", words: &["websocket"], ..PAHO },
    NODE,
    Client { name: "node::https", protocol: "https", answer: "status 401", ..NODE },
];

impl Client {
    /// Whether it can use such a proxy, and a recommendation must have its setting.
    pub fn is_able(&self, server: &Server) -> bool {
        self.speaks_socks || !server.is_socks
    }

    /// What it says until it ends.
    pub fn log_in(&self, port: u16, hub: &Hub, settings: &[String], folder: &Path) -> Result<String, String> {
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/sdk").join(self.script);
        let mut command = if self.script.ends_with(".js") { Command::new("node") } else { Command::new(python()) };
        command.env("NODE_PATH", NODE_PATH).arg(script).arg(port.to_string()).arg(hub.ca());
        // No proxy but that of the settings.
        for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy", "mqtt_proxy"] {
            command.env_remove(name).env_remove(name.to_uppercase());
        }
        let ended = run(command.args(self.words).args(settings), folder, TIME_LIMIT)?;
        Ok(ended.stdout + &ended.stderr)
    }
}

fn of_proxy(recommended: &Value, name: &str) -> Option<String> {
    line(&recommended["proxy"][name])
}

fn line(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// What stands in the way of Node with Debian's packages of MQTT.js and https-proxy-agent.
fn node_missing() -> Option<String> {
    need::program("node").is_none().then(|| "node is not installed".to_owned()).or_else(|| {
        let mut node = Command::new("node");
        node.env("NODE_PATH", NODE_PATH).args(["-e", "require('mqtt'); require('https-proxy-agent')"]);
        let loads = node.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
        (!loads).then(|| "Node has no mqtt or no https-proxy-agent".to_owned())
    })
}
