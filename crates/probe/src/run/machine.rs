//! This machine's own network, examined if something fails. Ends a run that has no network at all.

use std::{net::IpAddr, time::Duration};

use tokio::time::{Instant, sleep_until, timeout};

use crate::{
    context::{run_context::RunContext, settings::Settings, shared::LOCAL_FILES_TIMEOUT},
    net::{os, thread::blocking},
    observation::{
        ASKED_IN_VAIN_MS, CheckObservations, ConnectFailure, Lack, LocalNetwork, Outcome, Resolution, Snapshot, millis,
    },
    resolve::own_queries,
};

/// How often this machine's network is examined while nothing connects. A network that works has answered by then. It
/// takes two looks, as an address may be renewed in between.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

/// The hosts file gets at least this much time, also if the run must end: reading it takes far less.
const HOSTS_FILE_MIN_TIMEOUT: Duration = Duration::from_millis(25);

/// Ends the run if nothing can leave this machine: waiting would not help, and the silent peers are not to blame. Sends
/// nothing, and examines nothing before the first answer is late.
pub(crate) async fn end_without_network(context: &RunContext<'_>) {
    let (mut look, mut lacking) = (Instant::now() + POLL_INTERVAL, Lacking::default());
    while !context.state.is_complete() {
        tokio::select! {
            () = context.state.changed() => continue,
            () = sleep_until(look) => look += POLL_INTERVAL,
        }
        let snapshot = context.state.snapshot();
        if snapshot.all_attempts().any(|tracked| tracked.attempt.connect.is_ok()) {
            return;
        }
        let network = look_around(context.settings, &addresses(&snapshot));
        if let Some(network) = lacking.at_every_look(&snapshot, network) {
            context.state.set_network(network);
            return context.control.finish_early();
        }
    }
}

/// What was lacking at every look so far.
#[derive(Default)]
struct Lacking {
    anything: bool,
    gateway_since: Option<Instant>,
}

impl Lacking {
    /// The network, if it has lacked for long enough what everything needs that the run waits for.
    fn at_every_look(&mut self, snapshot: &Snapshot, mut network: LocalNetwork) -> Option<LocalNetwork> {
        // As if it had been asked for in vain: whether it has, the time tells.
        network.gateway_unanswered_ms = Some(f64::MAX);
        let lack = lack(snapshot, &network);
        let is_gateway = matches!(lack, Some(Lack::Gateway { .. }));
        let anything = lack.is_some() && !is_gateway;
        self.gateway_since = is_gateway.then(|| self.gateway_since.unwrap_or_else(Instant::now));
        network.gateway_unanswered_ms = self.gateway_since.map(|since| millis(since.elapsed()));
        let lacked = std::mem::replace(&mut self.anything, anything);
        let in_vain = is_gateway && network.gateway_unanswered_ms.is_some_and(|waited| waited >= ASKED_IN_VAIN_MS);
        ((lacked && anything) || in_vain).then_some(network)
    }
}

/// What is known of this machine's network, where something failed for which it may be the reason.
pub(crate) fn where_it_failed(
    context: &RunContext<'_>,
    resolution: &Resolution,
    checks: &[CheckObservations],
) -> Option<LocalNetwork> {
    let known = context.state.network();
    let unresolved = matches!(resolution.outcome, Outcome::Failed | Outcome::Cancelled);
    let addresses = || distinct(checks.iter().flat_map(|check| &check.attempts).map(|attempt| attempt.address));
    known.or_else(|| (unresolved || checks.iter().any(failed)).then(|| look_around(context.settings, &addresses())))
}

/// In a container, adds which addresses of this machine its hosts file names; none where that keeps its reader waiting, which
/// it may only while the run has time left.
pub(crate) async fn look_into_hosts_file(network: &mut LocalNetwork, left: Duration) {
    if network.container.is_empty() {
        return;
    }
    let interfaces = network.interfaces.iter().flatten();
    let own: Vec<IpAddr> = interfaces.flat_map(|interface| &interface.addresses).map(|own| own.address).collect();
    let named =
        timeout(left.clamp(HOSTS_FILE_MIN_TIMEOUT, LOCAL_FILES_TIMEOUT), blocking(move || os::named_in_hosts(&own)))
            .await;
    network.named_in_hosts = named.ok().and_then(Result::ok).unwrap_or_default();
}

/// Whether a check came to nothing on this side of TLS; that a machine has one address family is no failure.
fn failed(check: &CheckObservations) -> bool {
    let connected = check.attempts.iter().any(|attempt| attempt.connect.is_ok());
    let failures = check.attempts.iter().filter_map(|attempt| attempt.connect.failure());
    !connected || failures.into_iter().any(|failure| *failure != ConnectFailure::NoRoute)
}

fn look_around(settings: &Settings, hub: &[IpAddr]) -> LocalNetwork {
    let servers: Vec<IpAddr> = own_queries::servers(settings).iter().map(|server| server.ip()).collect();
    os::local_network(hub, &servers)
}

/// What everything lacks that the run waits for.
fn lack<'a>(snapshot: &Snapshot, network: &'a LocalNetwork) -> Option<Lack<'a>> {
    let addresses = addresses(snapshot);
    let lacking: Vec<_> = addresses.into_iter().map(|address| network.lack_towards(address)).collect::<Option<_>>()?;
    match &snapshot.resolution {
        Some(_) => lacking.first().copied(),
        None => network.lack_for_names(),
    }
}

fn addresses(snapshot: &Snapshot) -> Vec<IpAddr> {
    distinct(snapshot.all_attempts().map(|tracked| tracked.attempt.address))
}

fn distinct(addresses: impl Iterator<Item = IpAddr>) -> Vec<IpAddr> {
    let mut found = Vec::new();
    for address in addresses {
        if !found.contains(&address) {
            found.push(address);
        }
    }
    found
}
