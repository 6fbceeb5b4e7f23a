//! The checks through the proxy, and the way to it, which is looked into as the way to a hub is.

use futures_util::future::join_all;

use super::check::at_every_address;
use crate::{
    attempt::{
        proxied::{ProxiedRunner, proxy_as_check},
        stage_runner::StageRunner,
    },
    context::{error::SetupError, run_context::RunContext, settings::Settings},
    experiment,
    hub::{Check, Depth, HubKind, Proxy, ProxyScheme, Route, Target},
    net::roots::Roots,
    observation::CheckObservations,
    resolve::{lookup, own_queries::OwnQueries},
};

/// The target and the settings of the run of the way to the proxy.
struct WayToProxy {
    target: Target,
    settings: Settings,
}

impl WayToProxy {
    /// The way to `proxy`, for the checks of `target` that lead through it.
    fn new(target: &Target, settings: &Settings, proxy: &Proxy) -> Self {
        let checks = through_proxy(target).map(|check| proxy_as_check(check, proxy)).collect();
        let target = Target { host: proxy.host().clone(), kind: HubKind::HttpsEndpoint, kind_assumed: false, checks };
        let settings = Settings {
            depth: Depth::Connect,
            addresses: Vec::new(),
            large_hello: false,
            companions: false,
            // They count for the direct route too.
            counters: false,
            proxy: None,
            ..settings.clone()
        };
        Self { target, settings }
    }
}

fn through_proxy(target: &Target) -> impl Iterator<Item = &Check> {
    target.checks.iter().filter(|check| check.route == Route::Proxy)
}

/// Every check through the proxy at once, and what tells why the proxy is not reached, if it is not.
pub(crate) async fn attempt_by_proxy(
    context: &RunContext<'_>,
    roots: &Roots,
) -> Result<Vec<CheckObservations>, SetupError> {
    let (Some(state), Some(named)) = (context.state.way_to_proxy(), &context.settings.proxy) else {
        return Ok(Vec::new());
    };
    let way = &WayToProxy::new(context.target, context.settings, &named.proxy);
    let RunContext { control, started_at, .. } = *context;
    // Its events are not the user's: the checks have their own.
    let on_the_way =
        RunContext { control, state, target: &way.target, settings: &way.settings, progress: &|_| (), started_at };
    let attempts = async {
        let checks = resolve_and_attempt(context, &on_the_way, &named.proxy, roots).await;
        // Also if it failed: the experiments must not wait for more.
        state.complete();
        checks
    };
    tokio::join!(attempts, experiment::run_experiments(&on_the_way)).0
}

async fn resolve_and_attempt(
    context: &RunContext<'_>,
    way: &RunContext<'_>,
    proxy: &Proxy,
    roots: &Roots,
) -> Result<Vec<CheckObservations>, SetupError> {
    let RunContext { target, settings, state, .. } = *way;
    state.set_roots(roots);
    let own = OwnQueries::new(settings);
    let resolving = lookup::resolve(context.control, &target.host, settings, &own);
    let asking = own.ask(context.control, state, &target.host);
    let (resolution, ()) = tokio::join!(resolving, asking);
    let resolution = resolution?;
    state.resolved(&resolution);
    let addresses = lookup::to_try(&resolution, settings);
    let hub_address = match proxy.scheme() {
        ProxyScheme::Socks5 => context.state.resolution().await.addresses.first().copied(),
        ProxyScheme::Http | ProxyScheme::Https | ProxyScheme::Socks5h => None,
    };
    let proxied = &ProxiedRunner { runner: StageRunner::new(context, roots), proxy, hub_address, way: state };
    let (runner, addresses) = (&proxied.runner, &addresses);
    let attempt = |check| at_every_address(runner, check, addresses, move |address| proxied.attempt(check, address));
    Ok(join_all(through_proxy(context.target).map(attempt)).await)
}
