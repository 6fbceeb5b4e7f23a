//! Further requests to the proxy, where it refused one or another than the hub answered through it: each differs in one thing from
//! those of the checks.

use std::net::{IpAddr, SocketAddr};

use futures_util::future::join_all;

use super::{Experiment, snapshot_view::SnapshotView};
use crate::{
    context::run_context::RunContext,
    hub::HubHost,
    net::{
        connect, random,
        roots::Roots,
        tls::{self, Patience, Versions},
        tunnel::{self, Request},
        verify::Tolerance,
    },
    observation::{Attempt, ProxyConnect, ProxyDestination, ProxyFailure, ProxyTrial, StageResult, TrackedAttempt},
};

/// The port that proxies allow if they allow any.
const HTTPS_PORT: u16 = 443;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    /// The proxy's address.
    address: IpAddr,
    trials: Vec<Trial>,
    /// Whether a TLS hello may be what it waits for.
    tries_tls: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Trial {
    destination: ProxyDestination,
    host: Host,
    port: u16,
    log_in: bool,
    /// Whether TLS follows, to see who is there.
    with_tls: bool,
}

/// What the proxy is told.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Host {
    Hub,
    Address(IpAddr),
    /// A name that is made up when it is needed.
    Unknown,
}

impl Experiment for Plan {
    type Facts = ProxyConnect;

    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        let proxied = &view.snapshot.proxied;
        let in_doubt = proxied.iter().find(|tracked| is_in_doubt(&tracked.attempt)).filter(|_| {
            // What they show together decides what else to ask.
            proxied.iter().all(TrackedAttempt::has_ended)
        });
        in_doubt.into_iter().map(move |tracked| Self {
            address: tracked.attempt.address,
            trials: trials(proxied, tracked, hub_address(view)),
            tries_tls: proxied.iter().any(|tracked| is_without_a_word(&tracked.attempt)),
        })
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<ProxyConnect> {
        let roots = context.state.roots()?;
        let trials = self.trials.iter().map(|trial| trial.perform(context, &roots, self.address));
        let (trials, speaks_tls) = tokio::join!(join_all(trials), async {
            if self.tries_tls { speaks_tls(context, &roots, self.address).await } else { None }
        });
        Some(ProxyConnect { address: self.address, trials: trials.into_iter().flatten().collect(), speaks_tls })
    }
}

/// Whether the proxy let nothing through, or another than the hub answered through it.
fn is_in_doubt(attempt: &Attempt) -> bool {
    let Some(consent) = &attempt.proxy else { return false };
    match consent {
        StageResult::Failed { failure, .. } => !matches!(failure, ProxyFailure::Tls { .. } | ProxyFailure::NoMethod),
        StageResult::Ok { .. } => attempt.tls.failure().is_some() || (attempt.tls.is_ok() && !attempt.shows_the_hub()),
        StageResult::NotReached | StageResult::Cancelled { .. } => false,
    }
}

/// Whether the proxy, asked in clear, ended the connection or stood still: it may wait for TLS.
fn is_without_a_word(attempt: &Attempt) -> bool {
    let Some(StageResult::Failed { failure, evidence, .. }) = &attempt.proxy else { return false };
    let silent = matches!(failure, ProxyFailure::Ended(_) | ProxyFailure::TimedOut { bytes_received: 0 });
    silent && evidence.as_ref().is_none_or(|seen| seen.tls.is_none() && seen.socks_method.is_none())
}

/// Whether the proxy answers a TLS hello; `None` if it is not reached any more.
async fn speaks_tls(context: &RunContext<'_>, roots: &Roots, address: IpAddr) -> Option<bool> {
    let RunContext { control, settings, .. } = *context;
    let proxy = &settings.proxy.as_ref()?.proxy;
    let tcp = connect::connect(control, SocketAddr::new(address, proxy.port())).await.1?;
    let how = (Tolerance::Identity, Versions::Both, Patience::Stage);
    let (shaken, _) = tls::handshake(control, tcp.into(), proxy.host(), None, roots, how).await;
    Some(shaken.evidence().is_some_and(|seen| seen.server_hello))
}

fn hub_address(view: SnapshotView<'_>) -> Option<IpAddr> {
    view.snapshot.resolution.as_ref()?.addresses.first().copied()
}

fn trials(proxied: &[TrackedAttempt], in_doubt: &TrackedAttempt, hub: Option<IpAddr>) -> Vec<Trial> {
    let consents =
        || proxied.iter().filter_map(|tracked| Some((tracked.check.endpoint.port, tracked.attempt.proxy.as_ref()?)));
    let asks_for_443 = consents().any(|(port, _)| port == HTTPS_PORT);
    let accepts_any = consents().any(|(_, consent)| consent.is_ok());
    let sent_login = consents().filter_map(|(_, consent)| consent.evidence()).any(|evidence| evidence.logged_in);
    let port = if asks_for_443 && !accepts_any { HTTPS_PORT } else { in_doubt.check.endpoint.port };
    let trial = |destination, host, port| Trial { destination, host, port, log_in: true, with_tls: false };
    let by_name = (!asks_for_443).then(|| trial(ProxyDestination::HubName, Host::Hub, HTTPS_PORT));
    let without_login =
        sent_login.then(|| Trial { log_in: false, ..trial(ProxyDestination::HubName, Host::Hub, port) });
    let by_address = hub
        .map(|address| Trial { with_tls: true, ..trial(ProxyDestination::HubAddress, Host::Address(address), port) });
    let other = (!accepts_any).then(|| trial(ProxyDestination::OtherName, Host::Unknown, HTTPS_PORT));
    [by_name, without_login, by_address, other].into_iter().flatten().collect()
}

impl Trial {
    /// `None` if the proxy is not reached any more.
    async fn perform(&self, context: &RunContext<'_>, roots: &Roots, address: IpAddr) -> Option<ProxyTrial> {
        let RunContext { control, target, settings, .. } = *context;
        let proxy = &settings.proxy.as_ref()?.proxy;
        let tcp = connect::connect(control, SocketAddr::new(address, proxy.port())).await.1?;
        let host = match &self.host {
            Host::Hub => target.host.clone(),
            Host::Address(address) => HubHost::Ip(*address),
            Host::Unknown => HubHost::Name(format!("{}.invalid", random::name())),
        };
        let request = Request { host, port: self.port, proxy, log_in: self.log_in };
        let (answer, connection) = tunnel::open(control, tcp, &request, roots).await;
        let tls = match connection.filter(|_| self.with_tls) {
            Some(connection) => {
                let how = (Tolerance::Identity, Versions::Both, Patience::Stage);
                let (shaken, _) = tls::handshake(control, connection, &target.host, None, roots, how).await;
                Some(Box::new(shaken))
            }
            None => None,
        };
        Some(ProxyTrial { destination: self.destination, port: self.port, answer, tls })
    }
}
