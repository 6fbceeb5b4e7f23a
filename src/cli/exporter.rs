//! `hubreach exporter`: metrics of hubs for Prometheus, a check at each scrape.

use std::{
    io,
    net::{SocketAddr, TcpListener},
};

use hubreach::{
    exporter::{Allowed, Exporter, ExporterConfig, Limits},
    probe::{Pem, Settings},
    target::{Choices, HubHost},
};

use super::{
    args::{ExporterArgs, Volume},
    block_on, check,
    exit::{Failure, Status},
    output, signals,
};

pub fn run(args: &ExporterArgs, volume: &Volume) -> Result<Status, Failure> {
    let exporter = Exporter::new(config(args)?).map_err(|error| Failure::input(error.to_string()))?;
    let listener = listen(args.listen).map_err(|error| cannot_listen(args.listen, &error))?;
    block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener);
        let listener = listener.map_err(|error| cannot_listen(args.listen, &error))?;
        let address = listener.local_addr().map_err(|error| cannot_listen(args.listen, &error))?;
        let ended = signals::ended().await;
        if !volume.quiet {
            output::note(&invitation(address));
        }
        exporter.serve(listener, ended).await;
        Ok(Status::Met)
    })?
}

fn config(args: &ExporterArgs) -> Result<ExporterConfig, Failure> {
    let hubs = args.hubs.iter().map(|hub| hub_of(hub, args)).collect::<Result<Vec<_>, _>>()?;
    Ok(ExporterConfig {
        allowed: Allowed::new(hubs, args.allow.clone()),
        choices: Choices {
            kind: args.what.endpoints.kind,
            protocols: args.what.endpoints.protocol.clone(),
            ports: args.what.endpoints.port.iter().copied().collect(),
            ws_path: args.what.ws_path.clone(),
        },
        settings: Settings {
            timeout: args.how.timeout,
            families: args.how.families(),
            all_addresses: args.how.all_addresses,
            addresses: args.how.address.clone(),
            resolvers: args.how.resolver.clone(),
            ca: args.trust.ca.clone().map(Pem::File),
            hub_ca: args.trust.hub_ca.clone().map(Pem::File),
            requirement: args.require.clone(),
            ..Settings::default()
        },
        most_probes: usize::from(args.max_probes),
        limits: Limits::default(),
    })
}

/// A hub that can be probed as the options say: better told now than at each scrape.
fn hub_of(hub: &str, args: &ExporterArgs) -> Result<HubHost, Failure> {
    let target = check::target(Some(hub), &args.what.endpoints, args.what.ws_path.clone(), &args.how)?;
    check::fits(&target, &args.require)?;
    Ok(target.host)
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn cannot_listen(address: SocketAddr, error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::AddrInUse => Failure::cannot_run(format!(
            "port {} of {} is in use; type --listen {}, or stop what uses it",
            address.port(),
            address.ip(),
            SocketAddr::new(address.ip(), address.port().checked_add(1).unwrap_or(9877))
        )),
        io::ErrorKind::PermissionDenied => Failure::cannot_run(format!(
            "port {} needs privileges here; type --listen {}",
            address.port(),
            SocketAddr::new(address.ip(), 9877)
        )),
        io::ErrorKind::AddrNotAvailable => Failure::input(format!(
            "no interface of this machine has the address {}; type --listen 0.0.0.0:{} for all of them",
            address.ip(),
            address.port()
        )),
        _ => Failure::cannot_run(format!("cannot listen on {address}: {error}; type another --listen")),
    }
}

fn invitation(address: SocketAddr) -> String {
    let open = match address.ip().is_loopback() {
        true => "",
        false => "; whoever reaches it can have the hubs probed: there is no authentication",
    };
    format!("serving metrics on http://{address}{open}")
}
