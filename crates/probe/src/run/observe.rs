//! The whole run: the name, every check at every address, and the experiments, all in parallel.

use std::{future::Future, time::Duration};

use futures_util::future::join_all;

use super::{
    by_proxy,
    check::at_every_address,
    goal::{self, Goal},
    machine,
};
use crate::{
    attempt::stage_runner::StageRunner,
    context::{
        error::SetupError,
        event::Event,
        run_context::{OnEvent, RunContext},
        run_state::RunState,
        settings::Settings,
    },
    experiment,
    hub::{Check, Route, Target},
    net::{clock, guard, roots::Roots, run_control::RunControl},
    observation::{CheckObservations, ConnectFailure, Observations, Resolution},
    resolve::{lookup, own_queries::OwnQueries},
};

/// Makes every check of `target` at once and records the observations, with experiments if `settings` want them, until
/// the `goal` is reached. Ends by the deadline of `settings`, or soon after `stop` is ready, with the observations up
/// to then. Opens at most two connections for each check and address, and two more if a stage after the TCP handshake
/// stands still; experiments open more, a bounded number each.
///
/// Must run inside a tokio runtime with I/O and time enabled. A lookup of the system's resolver cannot be cancelled: its
/// thread may outlive the call.
pub async fn observe(
    target: &Target,
    settings: &Settings,
    goal: Goal,
    stop: impl Future<Output = ()> + Send,
    progress: OnEvent<'_>,
) -> Result<Observations, SetupError> {
    let (control, state) =
        (RunControl::new(settings.timeout, settings.slow_timeout), RunState::of(target, settings.depth));
    let started_at = clock::timestamp(clock::now());
    // The deadline includes it, but it never takes that long.
    settings.shared.look_around().await;
    let context = RunContext { control: &control, state: &state, target, settings, progress, started_at: &started_at };
    let results = control.drive(work(&context, goal), stop).await;
    finish(&context, results).await
}

/// Everything that a run does at once. On the heap: together it exceeds some threads' stacks.
pub(crate) async fn work(context: &RunContext<'_>, goal: Goal) -> Result<RunResults, SetupError> {
    let (attempting, experiments) =
        (Box::pin(resolve_and_attempt(context)), Box::pin(experiment::run_experiments(context)));
    let watching = async {
        if goal == Goal::Decision {
            goal::stop_once_decided(context).await;
        }
    };
    tokio::join!(attempting, machine::end_without_network(context), experiments, watching).0
}

/// The result of `work`, or the partial observations if it did not end in time.
pub(crate) async fn finish(
    context: &RunContext<'_>,
    results: Option<Result<RunResults, SetupError>>,
) -> Result<Observations, SetupError> {
    let RunContext { control, state, settings, .. } = *context;
    let Some(results) = results else {
        let reason = if control.was_stopped() { SetupError::Interrupted } else { SetupError::RootsLate };
        return context.cut_short().ok_or(reason);
    };
    let RunResults { roots, resolution, checks } = results?;
    let mut observations = context.observations(&roots, resolution, checks);
    if let Some(network) = &mut observations.vantage.network {
        let left = if observations.partial { Duration::ZERO } else { settings.timeout.saturating_sub(state.now()) };
        machine::look_into_hosts_file(network, left).await;
    }
    Ok(observations)
}

pub(crate) struct RunResults {
    roots: Roots,
    resolution: Resolution,
    checks: Vec<CheckObservations>,
}

async fn resolve_and_attempt(context: &RunContext<'_>) -> Result<RunResults, SetupError> {
    let own = OwnQueries::new(context.settings);
    // Questions of our own go on while the first of their answers are put to use.
    let asking = own.ask(context.control, context.state, &context.target.host);
    // What makes one route impossible ends both: the other may be waiting for its address.
    let both = async { tokio::try_join!(resolve_then_attempt(context, &own), load_then_attempt_by_proxy(context)) };
    let (results, ()) = tokio::join!(both, asking);
    // Also if it failed: the experiments must not wait for more.
    context.state.complete();
    let (direct, proxied) = results?;
    let checks = in_order(context.target, direct.checks, proxied);
    match lacking(&checks) {
        Some(message) => Err(SetupError::NoResources(message)),
        None => Ok(RunResults { checks, ..direct }),
    }
}

/// The observations of both routes, in the order of the checks.
fn in_order(
    target: &Target,
    direct: Vec<CheckObservations>,
    proxied: Vec<CheckObservations>,
) -> Vec<CheckObservations> {
    let (mut direct, mut proxied) = (direct.into_iter(), proxied.into_iter());
    let next = |check: &Check| match check.route {
        Route::Direct => direct.next(),
        Route::Proxy => proxied.next(),
    };
    target.checks.iter().filter_map(next).collect()
}

/// Waits for nothing of the direct route: where a proxy is the only way out, its name may be the only one that is known.
/// Only a hub that a client chose is asked for once it is known where its name leads.
async fn load_then_attempt_by_proxy(context: &RunContext<'_>) -> Result<Vec<CheckObservations>, SetupError> {
    if context.state.way_to_proxy().is_none() {
        return Ok(Vec::new());
    }
    let roots = load_roots(context).await?;
    if context.settings.guarded {
        // Where it leads to what is closed, the direct route's error ends this one here.
        context.state.resolution().await;
    }
    // On the heap, so that a run without a proxy has no room for it.
    Box::pin(by_proxy::attempt_by_proxy(context, &roots)).await
}

/// Reads the trust store, once for all that ask.
async fn load_roots(context: &RunContext<'_>) -> Result<Roots, SetupError> {
    let RunContext { state, target, settings, .. } = *context;
    let roots = settings.shared.roots(settings.ca.as_ref(), settings.hub_ca.as_ref(), target.built_in_roots()).await?;
    state.set_roots(&roots);
    Ok(roots)
}

async fn resolve_then_attempt(context: &RunContext<'_>, own: &OwnQueries) -> Result<RunResults, SetupError> {
    let RunContext { control, state, target, settings, progress, .. } = *context;
    // Reading a trust store takes milliseconds; they are spent while the name resolves.
    let (roots, resolution) = tokio::join!(load_roots(context), lookup::resolve(control, &target.host, settings, own));
    let (roots, resolution) = (roots?, resolution?);
    let addresses = lookup::to_try(&resolution, settings);
    if settings.guarded
        && let Some((address, what)) = guard::first_inner(&resolution.addresses)
    {
        return Err(SetupError::Guarded { address, what });
    }
    progress(&Event::Resolved { outcome: resolution.outcome, addresses: addresses.clone() });
    state.resolved(&resolution);
    let (runner, addresses) = (&StageRunner::new(context, &roots), &addresses);
    let direct = target.checks.iter().filter(|check| check.route == Route::Direct);
    let attempt = |check| at_every_address(runner, check, addresses, move |address| runner.attempt(check, address));
    let checks = join_all(direct.map(attempt)).await;
    Ok(RunResults { roots, resolution, checks })
}

/// What this machine lacked, if that explains every attempt.
fn lacking(checks: &[CheckObservations]) -> Option<String> {
    let mut attempts = checks.iter().flat_map(|check| &check.attempts).peekable();
    attempts.peek()?;
    let mut lacking_of_each = attempts.map(|attempt| match attempt.connect.failure() {
        Some(ConnectFailure::NoResources { message }) => Some(message),
        _ => None,
    });
    let first = lacking_of_each.next()??;
    lacking_of_each.all(|lack| lack.is_some()).then(|| first.clone())
}
