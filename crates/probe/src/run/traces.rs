//! Traces the path to every port of a hub, all ports of an address at once: routers differ in what they answer from one
//! moment to the next, so only what is measured at one time can be compared.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    net::{IpAddr, SocketAddr},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use socket2::{Domain, Socket, Type};

use crate::{
    context::{error::SetupError, event::Event, run_context::OnEvent, run_state::RunState, settings::Settings},
    hub::{HubHost, Protocol, Target},
    net::{
        clock, os,
        path::{CONTROL_DELAY, PathTracer, Until},
        run_control::RunControl,
        thread::{NoThread, blocking},
    },
    observation::{PortTrace, ProbeAnswer, Resolution, Traces, millis},
    resolve::{lookup, own_queries::OwnQueries},
};

/// Limits the two parts of tracing one address. It takes some two and a half seconds if a port is silent.
const ADDRESS_TIMEOUT: Duration = Duration::from_secs(6);
/// Limits the wait for the port itself. By then a SYN was sent twice, and a slow link has answered the first.
const PORT_TIMEOUT: Duration = Duration::from_millis(1500);
/// Limits reverse DNS. Names of routers help the reader, but nothing depends on them.
const REVERSE_DNS_TIMEOUT: Duration = Duration::from_secs(2);

/// Traces the path to every port of `target`. Ends by the deadline of `settings`, or soon after `stop` is ready, with
/// whatever was seen by then. Sends at most some hundred SYNs to each port, all with a limited TTL but one; a connection
/// that comes about is reset at once.
pub async fn trace(
    target: &Target,
    settings: &Settings,
    stop: impl Future<Output = ()> + Send,
    progress: OnEvent<'_>,
) -> Result<Traces, SetupError> {
    if !os::traces_syns() {
        return Err(SetupError::Unsupported("path tracing needs Linux, or Windows 10 version 2004 or later"));
    }
    // Without a single socket nothing could be traced.
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(socket2::Protocol::TCP));
    if let Some(lacking) = socket.err().as_ref().and_then(SetupError::lacking) {
        return Err(lacking);
    }
    let (began, started_at) = (Instant::now(), clock::timestamp(clock::now()));
    let control = RunControl::new(settings.timeout, None);
    let results = Mutex::new(TraceResults::default());
    // Results up to the timeout count.
    let work = resolve_then_trace(&control, target, settings, progress, &results);
    control.drive(work, stop).await.unwrap_or(Ok(()))?;
    let TraceResults { resolution, ports, names } = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(Traces {
        started_at,
        duration_ms: millis(began.elapsed()),
        deadline_reached: control.deadline_reached(),
        partial: control.was_stopped(),
        from: os::host_name(),
        utc_offset_minutes: settings.shared.utc_offset_minutes(),
        host: target.host.to_string(),
        resolution: resolution.unwrap_or_else(Resolution::cancelled),
        ports,
        names,
    })
}

/// The results so far.
#[derive(Default)]
struct TraceResults {
    resolution: Option<Resolution>,
    ports: Vec<PortTrace>,
    names: BTreeMap<IpAddr, String>,
}

async fn resolve_then_trace(
    control: &RunControl,
    target: &Target,
    settings: &Settings,
    progress: OnEvent<'_>,
    results: &Mutex<TraceResults>,
) -> Result<(), NoThread> {
    let resolution = addresses(control, &target.host, settings).await?;
    let addresses = lookup::to_try(&resolution, settings);
    progress(&Event::Resolved { outcome: resolution.outcome, addresses: addresses.clone() });
    lock(results).resolution = Some(resolution);
    // One after the other: the same routers are on the path to all of them, and rate-limit ICMP.
    for address in addresses.into_iter().take_while(|_| !control.is_over()) {
        let ports = trace_address(control, target, address, progress).await;
        lock(results).ports.extend(ports);
    }
    if settings.router_names {
        let routers = routers(&lock(results).ports);
        let names = control.within(REVERSE_DNS_TIMEOUT, names_of(routers)).await.unwrap_or_default();
        lock(results).names = names;
    }
    Ok(())
}

/// Each result is stored whole or not at all.
fn lock(results: &Mutex<TraceResults>) -> MutexGuard<'_, TraceResults> {
    results.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn addresses(control: &RunControl, host: &HubHost, settings: &Settings) -> Result<Resolution, NoThread> {
    settings.shared.look_around().await;
    let (own, run_state) = (OwnQueries::new(settings), RunState::new(settings.depth));
    tokio::join!(lookup::resolve(control, host, settings, &own), own.ask(control, &run_state, host)).0
}

/// A port of an address, being measured.
struct Port {
    protocols: Vec<Protocol>,
    peer: SocketAddr,
    answer: ProbeAnswer,
    tracer: PathTracer,
}

impl Port {
    fn answers(&self) -> bool {
        self.answer == ProbeAnswer::SynAck
    }
}

async fn trace_address(
    control: &RunControl,
    target: &Target,
    address: IpAddr,
    progress: OnEvent<'_>,
) -> Vec<PortTrace> {
    let began = Instant::now();
    let mut by_number: BTreeMap<u16, Vec<Protocol>> = BTreeMap::new();
    for check in &target.checks {
        by_number.entry(check.endpoint.port).or_default().push(check.endpoint.protocol);
    }
    let reach = by_number.into_iter().map(|(port, protocols)| async move {
        let peer = SocketAddr::new(address, port);
        let tracer = PathTracer::probe_port(peer, PORT_TIMEOUT, began).await;
        let (answer, tracer) = tracer;
        Port { protocols, peer, answer, tracer }
    });
    let Ok(mut ports) = control.within(ADDRESS_TIMEOUT, join_all(reach)).await else { return Vec::new() };
    // A port that answers is the control for the others: first in the first round, last in the later rounds.
    ports.sort_by_key(|port| !port.answers());
    let _ = control.within(ADDRESS_TIMEOUT, follow(&mut ports, progress)).await;
    ports.sort_by_key(|port| port.peer.port());
    let on_link = os::on_link(address);
    let traced = ports.into_iter().map(|port| {
        let Port { protocols, answer, tracer, .. } = port;
        PortTrace { protocols, on_link, answer, trace: tracer.into_trace() }
    });
    traced.collect()
}

async fn follow(ports: &mut [Port], progress: OnEvent<'_>) {
    let tell = |ports: &[Port]| {
        for Port { peer, tracer, .. } in ports {
            progress(&Event::Followed { peer: *peer, hop: tracer.last_router().max(tracer.arrival().unwrap_or(0)) });
        }
    };
    join_all(ports.iter_mut().map(|port| {
        let until = if port.answers() { Until::Answer } else { Until::Silence { at_least: 0 } };
        port.tracer.explore(1, until)
    }))
    .await;
    tell(ports);
    let furthest = ports.iter().filter_map(|port| port.tracer.arrival()).max().unwrap_or_default();
    join_all(ports.iter_mut().map(|port| async move {
        if port.answers() {
            tokio::time::sleep(CONTROL_DELAY).await;
        }
        let end = port.tracer.arrival().unwrap_or(port.tracer.last_router().saturating_add(1).max(furthest));
        port.tracer.repeat(2, 1..=end).await;
    }))
    .await;
    tell(ports);
    // By now, routers that rate-limit ICMP answer again.
    join_all(ports.iter_mut().map(|port| async move {
        let answers = port.answers();
        if answers {
            tokio::time::sleep(CONTROL_DELAY).await;
        }
        let end = port.tracer.arrival().unwrap_or(port.tracer.last_router().saturating_add(1));
        let gaps = port.tracer.gaps(end, if answers { 2 } else { 1 });
        port.tracer.repeat(3, gaps).await;
    }))
    .await;
    tell(ports);
    measure_resets(ports).await;
}

/// Measures the distance of a RST, and of the answers of a port that works.
async fn measure_resets(ports: &mut [Port]) {
    let reset = |port: &Port| port.tracer.has_answer(&ProbeAnswer::Reset);
    if ports.iter().any(reset) {
        let measured = ports.iter_mut().filter(|port| port.answers() || reset(port));
        join_all(measured.map(|port| port.tracer.measure_answers())).await;
    }
}

fn routers(ports: &[PortTrace]) -> BTreeSet<IpAddr> {
    let probes = ports.iter().flat_map(|port| &port.trace.probes);
    let answered = probes.filter_map(|probe| match probe.answer {
        ProbeAnswer::TimeExceeded { from } | ProbeAnswer::Icmp { from, .. } => from,
        _ => None,
    });
    answered.collect()
}

async fn names_of(routers: BTreeSet<IpAddr>) -> BTreeMap<IpAddr, String> {
    let lookups = routers.into_iter().map(|router| async move {
        // Without a name the system gives the address itself.
        let name = blocking(move || dns_lookup::lookup_addr(&router)).await;
        let name = name.ok()?.ok().filter(|name| name.parse::<IpAddr>().is_err())?;
        Some((router, name))
    });
    join_all(lookups).await.into_iter().flatten().collect()
}
