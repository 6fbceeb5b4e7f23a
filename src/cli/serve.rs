//! `hubreach serve`: answers like a hub, so that a network can be audited before the hub exists.

use std::{
    collections::BTreeMap,
    fmt::Write,
    io,
    net::{IpAddr, SocketAddr},
    path::Path,
};

use hubreach::{
    hub::{Protocol, redacted},
    probe,
    responder::{CertificateAuthority, IdentityError, Responder, ResponderConfig, ServerIdentity, Validity, WsPath},
    wire::text,
};

use super::{
    args::ServeArgs,
    block_on,
    exit::{CliError, Status},
    file, output,
    signals::Signals,
    stdout,
};

/// What is served, on which port by default, and on which without privileges or competition.
const SERVED: [(Protocol, u16, u16); 3] =
    [(Protocol::Mqtt, 8883, 18883), (Protocol::Amqp, 5671, 15671), (Protocol::Https, 443, 8443)];

/// Between the parts of a command: cmd.exe and PowerShell each have a sign of their own for one that goes on, so it stays a line.
const GOES_ON: &str = if cfg!(windows) { " " } else { " \\\n    " };

/// Far above any chain or key, in bytes.
const MAX_PEM_SIZE: u64 = 1 << 20;

pub fn run(args: &ServeArgs) -> Result<Status, CliError> {
    if let Some((protocol, _)) = args.port.iter().find(|(protocol, _)| protocol.subprotocol().is_some()) {
        return Err(CliError::input(format!(
            "{protocol} is served on the port of https; type --port https=8443 to change it"
        )));
    }
    let ports = ports(args)?;
    let identity = identity(args)?;
    if let Some(path) = &args.ca_out {
        output::try_one_out("--ca-out", path)?;
    }
    // Each port serves a few hundred connections, and lets as many wait: as many descriptors as there may be.
    probe::descriptors();
    block_on(async {
        let mut responders = Vec::new();
        for (protocol, usual, other) in SERVED {
            let address = SocketAddr::new(args.listen.0, ports.get(&protocol).copied().unwrap_or(usual));
            let responder = Responder::start(config(args, &identity, protocol, address)).await;
            responders.push(responder.map_err(|error| cannot_listen(protocol, address, other, &error))?);
        }
        // Only now: the root of another that serves here already may stand there.
        if let (Some(path), Some(pem)) = (&args.ca_out, identity.ca_pem()) {
            let written = file::write(path, pem.as_bytes());
            written.map_err(|error| CliError::cannot_run(output::not_written("--ca-out", path, &error)))?;
        }
        let signals = Signals::listen(Status::of_any);
        stdout::print(&redacted(&invitation(args, &responders)))?;
        signals.received().await;
        Ok(Status::Met)
    })?
}

/// The ports that were chosen.
fn ports(args: &ServeArgs) -> Result<BTreeMap<Protocol, u16>, CliError> {
    let mut ports: BTreeMap<_, _> = args.port.iter().copied().collect();
    if let Some(port) = args.listen.1
        && ports.insert(Protocol::Https, port).is_some_and(|other| other != port)
    {
        return Err(CliError::input("--listen and --port give HTTPS two ports; leave one of them out"));
    }
    Ok(ports)
}

/// One port at a time, so that a failure can name it.
fn config(args: &ServeArgs, identity: &ServerIdentity, protocol: Protocol, address: SocketAddr) -> ResponderConfig {
    let mut config = ResponderConfig::new(identity.clone());
    config.ws_path = args.ws_path.clone().unwrap_or_default();
    match protocol {
        Protocol::Mqtt => config.mqtt = Some(address),
        Protocol::Amqp => config.amqp = Some(address),
        Protocol::Https | Protocol::MqttWs | Protocol::AmqpWs => config.web = Some(address),
    }
    config
}

fn identity(args: &ServeArgs) -> Result<ServerIdentity, CliError> {
    if let (Some(cert), Some(key)) = (&args.cert, &args.key) {
        let (chain, secret) = (read(cert)?, read(key)?);
        return ServerIdentity::from_pem(&chain, &secret).map_err(|error| {
            CliError::input(format!("{error}; give --cert a PEM chain, the server's first, and --key its PEM key"))
        });
    }
    let made = CertificateAuthority::new().and_then(|authority| authority.issue(&names(args), Validity::default()));
    made.map_err(|error| match error {
        IdentityError::Make(_) => CliError::input(format!("{error}; give --name hostnames or IP addresses")),
        _ => CliError::cannot_run(error.to_string()),
    })
}

fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    let read = file::bytes(path, MAX_PEM_SIZE).and_then(|bytes| text::utf8(bytes).map_err(io::Error::other));
    read.map_err(|error| CliError::input(format!("cannot read {}: {error}; give a readable PEM file", path.display())))
}

fn names(args: &ServeArgs) -> Vec<String> {
    if !args.name.is_empty() {
        return args.name.clone();
    }
    let mut names = vec!["localhost".to_owned()];
    if !args.listen.0.is_unspecified() {
        names.push(args.listen.0.to_string());
    }
    names
}

fn cannot_listen(protocol: Protocol, address: SocketAddr, other: u16, error: &io::Error) -> CliError {
    let instead = format!("type --port {protocol}={other}");
    match error.kind() {
        io::ErrorKind::PermissionDenied => CliError::cannot_run(format!(
            "port {} needs privileges here; {instead} (and tell it to the check), or run it with them",
            address.port()
        )),
        io::ErrorKind::AddrInUse => CliError::cannot_run(format!(
            "port {} of {} is in use; {instead}, or stop what uses it",
            address.port(),
            address.ip()
        )),
        io::ErrorKind::AddrNotAvailable => CliError::input(format!(
            "no interface of this machine has the address {}; type --listen 0.0.0.0 for all of them",
            address.ip()
        )),
        _ => CliError::lacking(error).unwrap_or_else(|| {
            CliError::cannot_run(format!("cannot listen on {address}: {error}; type another --listen or --port"))
        }),
    }
}

/// Where it listens, and how to check it from the site.
fn invitation(args: &ServeArgs, responders: &[Responder]) -> String {
    let mut text = format!("Answering like a hub on {}\n\n", listening(args.listen.0));
    let mut ports = Vec::new();
    let found = |get: fn(&Responder) -> Option<SocketAddr>| responders.iter().find_map(get).map(|at| at.port());
    let lines: [(&str, Option<u16>, u16, &[Protocol]); 3] = [
        ("MQTT", found(Responder::mqtt), 8883, &[Protocol::Mqtt]),
        ("AMQP", found(Responder::amqp), 5671, &[Protocol::Amqp]),
        ("HTTPS and WebSocket", found(Responder::web), 443, &[Protocol::Https, Protocol::MqttWs, Protocol::AmqpWs]),
    ];
    for (label, port, usual, protocols) in lines {
        let Some(port) = port else { continue };
        let _ = writeln!(text, "  {label:<20} {port:>5}");
        if port != usual {
            ports.extend(protocols.iter().map(|protocol| format!("{protocol}={port}")));
        }
    }
    text.push_str("\nOn the site, check it with:\n");
    let host = match (&args.cert, names(args).into_iter().next()) {
        (None, Some(name)) => name,
        _ => "<NAME-IN-THE-CERTIFICATE>".to_owned(),
    };
    let address = if args.listen.0.is_unspecified() { "<THIS-MACHINE>".to_owned() } else { args.listen.0.to_string() };
    let mut command = vec![format!("  hubreach {host} --address {address}")];
    if !ports.is_empty() {
        command.push(format!("--port {}", ports.join(",")));
    }
    if let Some(WsPath::Only(path)) = &args.ws_path {
        command.push(format!("--ws-path {path}"));
    }
    if let Some(path) = &args.ca_out {
        command.push(format!("--ca {0} --hub-ca {0}", quoted(path)));
    }
    command.push("--require all\n".to_owned());
    text.push_str(&command.join(GOES_ON));
    text.push_str(match (&args.ca_out, &args.cert) {
        (Some(_), _) => "with a copy of that CA file.",
        (None, Some(_)) => "and --ca, --hub-ca with the root that signed the certificate.",
        (None, None) => "It will not trust the certificate: add --ca-out ca.pem here, --ca ca.pem there.",
    });
    text.push_str("\nCtrl-C ends it.\n");
    text
}

/// Shells of Windows and of Unix take the same quotes.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    if path.contains(' ') { format!("\"{path}\"") } else { path }
}

fn listening(ip: IpAddr) -> String {
    if ip.is_unspecified() { "every address of this machine".to_owned() } else { ip.to_string() }
}
