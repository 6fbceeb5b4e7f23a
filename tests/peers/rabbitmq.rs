//! RabbitMQ, from the distribution's package, as a node that shares nothing with an installed one.

use std::{env, fs, path::Path, process::Command, time::Duration};

use super::{
    certificate::Files,
    installed,
    process::{Group, free_ports},
};

/// The script itself; what stands in PATH before it insists on the user `rabbitmq`.
pub const SERVER: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";

/// A running broker.
#[derive(Debug)]
pub struct RabbitMq {
    pub amqp_tls: u16,
    pub amqp_plain: u16,
    pub mqtt_tls: u16,
    pub mqtt_websocket: u16,
    // Dropped in this order: the node, then the port mapper that it announces itself to.
    _node: Group,
    _mapper: Group,
}

impl RabbitMq {
    pub fn start(dir: &Path, files: &Files) -> Result<Self, String> {
        let told = |error: std::io::Error| error.to_string();
        let dir = tempfile::tempdir_in(dir).map_err(told)?.keep();
        let [amqp_tls, amqp_plain, mqtt_tls, mqtt_websocket, web_plain, mapper_port, node_port] = free_ports();
        for name in ["home", "mnesia", "log", "generated", "schema"] {
            fs::create_dir(dir.join(name)).map_err(told)?;
        }
        let (root, chain, key) = (files.root.display(), files.chain.display(), files.key.display());
        // Anonymous, since a refused login over WebSocket is closed before its CONNACK is sent (seen with 3.10.8).
        let config = format!(
            "listeners.tcp.1 = 127.0.0.1:{amqp_plain}\n\
             listeners.ssl.1 = 127.0.0.1:{amqp_tls}\n\
             ssl_options.cacertfile = {root}\n\
             ssl_options.certfile = {chain}\n\
             ssl_options.keyfile = {key}\n\
             ssl_options.verify = verify_none\n\
             ssl_options.fail_if_no_peer_cert = false\n\
             mqtt.listeners.tcp = none\n\
             mqtt.listeners.ssl.1 = 127.0.0.1:{mqtt_tls}\n\
             mqtt.allow_anonymous = true\n\
             web_mqtt.tcp.ip = 127.0.0.1\n\
             web_mqtt.tcp.port = {web_plain}\n\
             web_mqtt.ssl.ip = 127.0.0.1\n\
             web_mqtt.ssl.port = {mqtt_websocket}\n\
             web_mqtt.ssl.cacertfile = {root}\n\
             web_mqtt.ssl.certfile = {chain}\n\
             web_mqtt.ssl.keyfile = {key}\n"
        );
        fs::write(dir.join("rabbitmq.conf"), config).map_err(told)?;
        fs::write(dir.join("plugins"), "[rabbitmq_mqtt,rabbitmq_web_mqtt,rabbitmq_amqp1_0].\n").map_err(told)?;

        // Started by the node it would outlive it; started before, it ends with its group.
        let mapper = installed::program("epmd").ok_or("epmd is not installed")?;
        let mut mapper = Group::start(
            Command::new(mapper).args(["-port", &mapper_port.to_string(), "-address", "127.0.0.1"]),
            &dir.join("epmd.log"),
            None,
        )?;
        mapper.wait_for(&[mapper_port], Duration::from_secs(10)).map_err(|why| format!("epmd {why}"))?;

        let mut command = Command::new(SERVER);
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("RABBITMQ_") {
                command.env_remove(name);
            }
        }
        command
            .env("HOME", dir.join("home"))
            .env("ERL_EPMD_PORT", mapper_port.to_string())
            .env("RABBITMQ_NODENAME", format!("hubreach-{node_port}@localhost"))
            .env("RABBITMQ_DIST_PORT", node_port.to_string())
            .env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}")
            .env("RABBITMQ_MNESIA_BASE", dir.join("mnesia"))
            .env("RABBITMQ_LOG_BASE", dir.join("log"))
            .env("RABBITMQ_LOGS", "-")
            .env("RABBITMQ_CONF_ENV_FILE", dir.join("none"))
            .env("RABBITMQ_CONFIG_FILE", dir.join("rabbitmq"))
            .env("RABBITMQ_ADVANCED_CONFIG_FILE", dir.join("none"))
            .env("RABBITMQ_GENERATED_CONFIG_DIR", dir.join("generated"))
            .env("RABBITMQ_SCHEMA_DIR", dir.join("schema"))
            .env("RABBITMQ_FEATURE_FLAGS_FILE", dir.join("feature_flags"))
            .env("RABBITMQ_PID_FILE", dir.join("pid"))
            .env("RABBITMQ_ENABLED_PLUGINS_FILE", dir.join("plugins"));
        let mut node = Group::start(&mut command, &dir.join("rabbitmq.log"), None)?;
        node.wait_for(&[mqtt_tls, mqtt_websocket, amqp_plain, amqp_tls], Duration::from_secs(120))
            .map_err(|why| format!("rabbitmq-server {why}"))?;
        Ok(Self { amqp_tls, amqp_plain, mqtt_tls, mqtt_websocket, _node: node, _mapper: mapper })
    }
}
