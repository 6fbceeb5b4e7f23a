//! `hubreach exporter`: metrics of hubs for Prometheus, a check at each scrape.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    num::NonZeroUsize,
};

use hubreach::{
    audit,
    exporter::{Allowed, Exporter, ExporterConfig, Limits},
    hub::TypedHub,
};

use super::{
    args::{ExporterArgs, Verbosity},
    block_on, check,
    exit::{CliError, Status},
    output,
    routing::quick_routing,
    signals::Signals,
};

/// Where Prometheus looks, unless it is told otherwise.
const PORT: u16 = 9877;

pub fn run(args: &ExporterArgs, verbosity: &Verbosity) -> Result<Status, CliError> {
    let address = SocketAddr::new(args.listen.0, args.listen.1.unwrap_or(PORT));
    let config = config(args, most_probes(args.max_probes, verbosity))?;
    let exporter = block_on(Exporter::new(config))??;
    let listener = listen(address).map_err(|error| cannot_listen(address, &error))?;
    block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener);
        let listener = listener.map_err(|error| cannot_listen(address, &error))?;
        let address = listener.local_addr().map_err(|error| cannot_listen(address, &error))?;
        let signals = Signals::listen(Status::of_any);
        if !verbosity.quiet {
            output::note(&invitation(address));
        }
        exporter.serve(listener, signals.token()).await;
        Ok(Status::Met)
    })?
}

fn config(args: &ExporterArgs, most_probes: NonZeroUsize) -> Result<ExporterConfig, CliError> {
    let (options, routing) = (args.what.options(), quick_routing(&args.routes)?);
    let mut settings = args.trust.of(args.probe.settings());
    settings.requirement = args.require.clone();
    // A hub that cannot be probed as the options say is better told now than at each scrape.
    let hub = |hub: &String| {
        // Each scrape names the hub alone: what it is tested for must hold for all of them.
        if TypedHub::parse(hub).is_ok_and(|typed| typed.has_endpoint()) {
            return Err(CliError::input("type the hub's hostname alone, and another port as --port mqtt=8884"));
        }
        let target = check::target(Some(hub), &options, &args.probe.address)?;
        let (target, settings) = routing.apply(target, settings.clone())?;
        settings.validate(&target)?;
        Ok::<_, CliError>(target.host)
    };
    let hubs = args.hubs.iter().map(hub).collect::<Result<Vec<_>, _>>()?;
    let allowed = Allowed::new(hubs, args.allow.clone());
    Ok(ExporterConfig { allowed, options, settings, routing, most_probes, limits: Limits::default() })
}

/// As many as was asked for, unless there are not the descriptors for it.
fn most_probes(wanted: NonZeroUsize, verbosity: &Verbosity) -> NonZeroUsize {
    let most = audit::jobs(wanted);
    if most < wanted && !verbosity.quiet {
        output::note(&format!(
            "{most} probes are made at a time, for want of file descriptors; raise the limit for more (`ulimit -n`)"
        ));
    }
    most
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn cannot_listen(address: SocketAddr, error: &io::Error) -> CliError {
    match error.kind() {
        io::ErrorKind::AddrInUse => CliError::cannot_run(format!(
            "port {} of {} is in use; type --listen {}, or stop what uses it",
            address.port(),
            address.ip(),
            SocketAddr::new(address.ip(), address.port().checked_add(1).unwrap_or(PORT))
        )),
        io::ErrorKind::PermissionDenied => CliError::cannot_run(format!(
            "port {} needs privileges here; type --listen {}",
            address.port(),
            SocketAddr::new(address.ip(), PORT)
        )),
        io::ErrorKind::AddrNotAvailable => CliError::input(format!(
            "no interface of this machine has the address {}; type --listen 0.0.0.0:{} for all of them",
            address.ip(),
            address.port()
        )),
        _ => CliError::lacking(error).unwrap_or_else(|| {
            CliError::cannot_run(format!("cannot listen on {address}: {error}; type another --listen"))
        }),
    }
}

fn invitation(address: SocketAddr) -> String {
    let open = match address.ip().is_loopback() {
        true => "",
        false => "; whoever reaches it can have the hubs probed: there is no authentication",
    };
    format!("serving metrics on http://{address}{open}")
}
