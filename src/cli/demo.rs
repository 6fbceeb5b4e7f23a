//! `hubreach demo`: a hub and a troubled network on loopback, then a check of it as `check` does.

use std::{collections::BTreeMap, io, net::Ipv4Addr, time::Duration};

use hubreach::{
    Checker,
    hub::{HubHost, Protocol, Target, TargetOptions},
    probe::Pem,
    report::Format,
    responder::{
        Behaviour, CertificateAuthority, PortMode, Responder, ResponderConfig, ServerIdentity, Upgrade, Validity,
        WebSocketBehaviour,
    },
};

use super::{
    args::Verbosity,
    block_on,
    exit::{CliError, Status},
    output,
    progress::{Checks, Progress},
    screen::screen,
    signals::Signals,
    stdout,
};

const HOST: &str = "demo.hub.example";

const NEXT: &str = "
This was a demonstration: the hub and its troubles were made on this machine.
MQTT was dropped, AMQP's port closed, AMQP over WebSocket refused by the hub.

What to try next:
  hubreach <your-hub>.azure-devices.net    check a real hub from here
  hubreach explain silent-drop             what such a finding means
  hubreach serve --help                    audit a network before its hub exists
  hubreach check --help                    requirements, JSON, other brokers
";

pub fn run(verbosity: &Verbosity) -> Result<Status, CliError> {
    let signals = Signals::listen(Status::of_any);
    let report = block_on(async {
        let authority = CertificateAuthority::new().map_err(fault)?;
        let identity = authority.issue(&[HOST.to_owned()], Validity::default()).map_err(fault)?;
        let hub = troubled(identity).await.map_err(|error| {
            CliError::lacking(&error).unwrap_or_else(|| {
                CliError::cannot_run(format!("cannot make a hub on 127.0.0.1: {error}; loopback must be up"))
            })
        })?;
        let target = target(&hub)?;
        let progress = Progress::start(Checks::of(&target), true, verbosity);
        let checker = Checker::builder(target)
            .timeout(Duration::from_secs(8))
            .addresses(vec![Ipv4Addr::LOCALHOST.into()])
            .ca(Pem::Text(authority.pem()))
            .hub_ca(Pem::Text(authority.pem()))
            .stop(signals.token())
            .on_event(progress.listener(Checks::note))
            .build()?;
        Ok::<_, CliError>(checker.run().await?)
    })??;
    output::stdout_until(report.render_on(screen(verbosity), Format::Human))?;
    stdout::print(&wrapped(NEXT, screen(verbosity).columns()))?;
    Ok(Status::Met)
}

/// Each line in as many as such a screen needs.
fn wrapped(text: &str, columns: usize) -> String {
    let options = textwrap::Options::new(columns)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    let fitted = |line: &str| {
        let indent = if line.starts_with(' ') { "    " } else { "" };
        textwrap::fill(line, options.clone().subsequent_indent(indent)) + "\n"
    };
    text.lines().map(fitted).collect()
}

/// One port drops, one is closed, one upgrade is refused, the rest works.
async fn troubled(identity: ServerIdentity) -> io::Result<Responder> {
    let missing = Upgrade::Refuse { status: 404, headers: Vec::new(), body: String::new() };
    let trouble = |mqtt: PortMode| Behaviour {
        mqtt_port: mqtt.into(),
        amqp_port: PortMode::Closed.into(),
        amqp_ws: WebSocketBehaviour { upgrade: missing.clone(), ..WebSocketBehaviour::default() },
        ..Behaviour::default()
    };
    let start = |mqtt| Responder::start(ResponderConfig::loopback(identity.clone()).behaving(trouble(mqtt)));
    match start(PortMode::SynDrop).await {
        // Only some systems drop what a full queue cannot hold; elsewhere the port accepts and stays silent.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => start(PortMode::Silent).await,
        other => other,
    }
}

fn target(hub: &Responder) -> Result<Target, CliError> {
    let at = [
        (Protocol::Mqtt, hub.mqtt()),
        (Protocol::Amqp, hub.amqp()),
        (Protocol::Https, hub.web()),
        (Protocol::MqttWs, hub.web()),
        (Protocol::AmqpWs, hub.web()),
    ];
    let ports: BTreeMap<_, _> = at.into_iter().filter_map(|(protocol, at)| Some((protocol, at?.port()))).collect();
    let host = HubHost::parse(HOST).map_err(fault)?;
    Target::new(host, &TargetOptions { ports, ..TargetOptions::default() }).map_err(fault)
}

fn fault(error: impl std::error::Error) -> CliError {
    CliError::cannot_run(format!("internal fault: {error}; please report it"))
}
