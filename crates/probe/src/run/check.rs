//! One check, at all its addresses at once.

use std::{future::Future, net::IpAddr, time::Instant};

use futures_util::future::join_all;

use super::observations::check_observations;
use crate::{
    attempt::stage_runner::StageRunner,
    context::event::Event,
    hub::Check,
    observation::{Attempt, CheckObservations, millis},
};

/// The observations of `check`, of which `attempt` makes the attempt to an address.
pub(super) async fn at_every_address<F: Future<Output = Attempt>>(
    runner: &StageRunner<'_>,
    check: &Check,
    addresses: &[IpAddr],
    attempt: impl Fn(IpAddr) -> F,
) -> CheckObservations {
    let began = Instant::now();
    let attempts = join_all(addresses.iter().map(|address| attempt(*address))).await;
    let duration_ms = if addresses.is_empty() { 0.0 } else { millis(began.elapsed()) };
    let completed = attempts.iter().any(|attempt| runner.arrived(attempt));
    (runner.progress)(&Event::CheckDone { check: check.id.clone(), completed, duration_ms });
    check_observations(check, duration_ms, attempts)
}
