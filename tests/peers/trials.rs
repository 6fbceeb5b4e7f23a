//! What is proved.

use libtest_mimic::Trial;

use super::{
    check::{Checked, check, diagnose},
    installed::{self, trial},
    mosquitto::{Admits, Mosquitto},
    peers::Peers,
    process::free_ports,
    versions_and_suites,
    web::Web,
};

const HUB_PATH: &str = "/$iothub/websocket";
const ALLOWED: &str = "allowed";

type Outcome = Result<(), String>;
type Ports = [(&'static str, u16); 5];

pub fn all(peers: &Peers) -> Vec<Trial> {
    let with = |run: fn(&Peers) -> Outcome| {
        let peers = peers.clone();
        move || run(&peers)
    };
    let hub = || installed::mosquitto().or_else(installed::rabbitmq).or_else(installed::websockets);
    vec![
        trial("mosquitto_admits_anyone", installed::mosquitto(), with(mosquitto_admits_anyone)),
        trial("mosquitto_wants_a_password", installed::mosquitto(), with(mosquitto_wants_a_password)),
        trial("rabbitmq_speaks_mqtt", installed::rabbitmq(), with(rabbitmq_speaks_mqtt)),
        trial("rabbitmq_speaks_amqp", installed::rabbitmq().or_else(installed::websockets), with(rabbitmq_speaks_amqp)),
        trial(
            "each_version_and_suite_is_told_for_what_it_is",
            installed::openssl(),
            with(versions_and_suites::each_is_told_for_what_it_is),
        ),
        trial("a_hub_allows_all_five", hub(), with(a_hub_allows_all_five)),
        trial("a_closed_port_is_blocked", hub(), with(a_closed_port_is_blocked)),
        trial(
            "a_wrong_path_is_declined",
            installed::mosquitto().or_else(installed::websockets),
            with(a_wrong_path_is_declined),
        ),
    ]
}

fn mosquitto_admits_anyone(peers: &Peers) -> Outcome {
    let broker = peers.mosquitto()?;
    let checked = check_mqtt(peers, broker.tls, broker.websocket, "/mqtt")?;
    returned(&checked, 0)
}

fn mosquitto_wants_a_password(peers: &Peers) -> Outcome {
    let broker = Mosquitto::start(peers.dir(), peers.files(), Admits::Nobody)?;
    let checked = check_mqtt(peers, broker.tls, broker.websocket, "/mqtt")?;
    returned(&checked, 5)?;
    expect_code(&checked, "authentication-refused")
}

fn rabbitmq_speaks_mqtt(peers: &Peers) -> Outcome {
    let broker = peers.rabbitmq()?;
    let checked = check_mqtt(peers, broker.mqtt_tls, broker.mqtt_websocket, "/ws")?;
    returned(&checked, 0)
}

fn rabbitmq_speaks_amqp(peers: &Peers) -> Outcome {
    let broker = peers.rabbitmq()?;
    let web = Web::start(peers.dir(), peers.files(), "/", &[("AMQPWSB10", broker.amqp_plain)])?;
    let ports = [("amqp", broker.amqp_tls), ("amqp-ws", web.port)];
    let checked = check(peers.dir(), peers.files(), "amqp-broker", &ports, &["--require", "all"])?;
    checked.expect(0, &[("amqp@direct", ALLOWED), ("amqp-ws@direct", ALLOWED)])?;
    for id in ["amqp@direct", "amqp-ws@direct"] {
        let answer = checked.answer(id).to_string();
        if !answer.contains("\"PLAIN\"") {
            return Err(format!("RabbitMQ offers PLAIN, but {id} says {answer}"));
        }
    }
    Ok(())
}

fn a_hub_allows_all_five(peers: &Peers) -> Outcome {
    let (_web, ports) = hub(peers)?;
    let checked = check(peers.dir(), peers.files(), "azure-iot-hub", &ports, &[])?;
    checked.expect(0, &ports.map(|(protocol, _)| (id(protocol), ALLOWED)))?;
    judged_alike(peers, &checked)?;
    let checked = check(peers.dir(), peers.files(), "azure-iot-hub", &ports, &["--require", "all"])?;
    checked.expect(0, &ports.map(|(protocol, _)| (id(protocol), ALLOWED)))
}

fn a_closed_port_is_blocked(peers: &Peers) -> Outcome {
    let (_web, mut ports) = hub(peers)?;
    let [closed] = free_ports();
    ports[0].1 = closed;
    let verdicts = ports.map(|(name, _)| (id(name), if name == "mqtt" { "blocked" } else { ALLOWED }));
    let checked = check(peers.dir(), peers.files(), "azure-iot-hub", &ports, &[])?;
    checked.expect(0, &verdicts)?;
    judged_alike(peers, &checked)?;
    let checked = check(peers.dir(), peers.files(), "azure-iot-hub", &ports, &["--require", "all"])?;
    checked.expect(1, &verdicts)?;
    judged_alike(peers, &checked)
}

fn a_wrong_path_is_declined(peers: &Peers) -> Outcome {
    let broker = peers.mosquitto()?;
    let web = Web::start(peers.dir(), peers.files(), "/elsewhere", &[("mqtt", broker.plain)])?;
    let ports = [("mqtt", broker.tls), ("mqtt-ws", web.port)];
    let checked = check(peers.dir(), peers.files(), "mqtt-broker", &ports, &["--require", "mqtt-ws"])?;
    checked.expect(1, &[("mqtt@direct", ALLOWED), ("mqtt-ws@direct", "declined")])?;
    judged_alike(peers, &checked)
}

/// An independent hub: three servers, none of them ours.
fn hub(peers: &Peers) -> Result<(Web, Ports), String> {
    let (mqtt, amqp) = (peers.mosquitto()?, peers.rabbitmq()?);
    let pass_on = [("mqtt", mqtt.plain), ("AMQPWSB10", amqp.amqp_plain)];
    let web = Web::start(peers.dir(), peers.files(), HUB_PATH, &pass_on)?;
    let port = web.port;
    let ports = [("mqtt", mqtt.tls), ("amqp", amqp.amqp_tls), ("https", port), ("mqtt-ws", port), ("amqp-ws", port)];
    Ok((web, ports))
}

fn id(protocol: &str) -> &'static str {
    match protocol {
        "mqtt" => "mqtt@direct",
        "amqp" => "amqp@direct",
        "https" => "https@direct",
        "mqtt-ws" => "mqtt-ws@direct",
        _ => "amqp-ws@direct",
    }
}

fn check_mqtt(peers: &Peers, tls: u16, websocket: u16, path: &str) -> Result<Checked, String> {
    let ports = [("mqtt", tls), ("mqtt-ws", websocket)];
    let more = ["--ws-path", path, "--require", "all"];
    let checked = check(peers.dir(), peers.files(), "mqtt-broker", &ports, &more)?;
    checked.expect(0, &[("mqtt@direct", ALLOWED), ("mqtt-ws@direct", ALLOWED)])?;
    judged_alike(peers, &checked)?;
    Ok(checked)
}

/// Both checks got a CONNACK with this code.
fn returned(checked: &Checked, code: u8) -> Outcome {
    for id in ["mqtt@direct", "mqtt-ws@direct"] {
        let answer = checked.answer(id);
        let read = answer.pointer("/answer/return_code").or_else(|| answer.pointer("/evidence/return_code"));
        if read.and_then(serde_json::Value::as_u64) != Some(code.into()) {
            return Err(format!("expected CONNACK {code} for {id}: {answer:#}"));
        }
    }
    Ok(())
}

fn expect_code(checked: &Checked, code: &str) -> Outcome {
    let codes = checked.codes();
    if codes.contains(&code) { Ok(()) } else { Err(format!("expected {code}, found {codes:?}")) }
}

/// From the saved report the same is found, and the same status given.
fn judged_alike(peers: &Peers, checked: &Checked) -> Outcome {
    let again = diagnose(peers.dir(), &checked.report)?;
    let same =
        ["findings", "recommendation", "requirement"].into_iter().all(|key| again.report[key] == checked.report[key]);
    if same && again.status == checked.status && again.verdicts() == checked.verdicts() {
        return Ok(());
    }
    Err(format!(
        "judged again: {:?} {:#}\nbefore: {:?} {:#}",
        again.status, again.report, checked.status, checked.report
    ))
}
