//! In which order concurrent connections are accepted. A run sends all its SYNs in the order of its checks, before any
//! answer. A connection limit, of a machine or a port, accepts the first ones and refuses all later ones; a dead
//! machine behind a load balancer receives any of them.

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
};

use crate::{
    hub::CheckId,
    observation::{Attempt, ConnectFailure, Crowd, Observations, Tries, kind},
};

/// Addresses where a connection failed although a later concurrent one connected at once: to the same port, or to
/// another port if it was the first to its own. The value says whether any of them works when repeated: a closed port
/// is refused in any order.
pub(super) fn failed_out_of_order(run: &Observations) -> HashMap<IpAddr, bool> {
    let works_later = works_when_repeated(run);
    let mut first_of_port = HashMap::new();
    let (mut last_connected, mut last_connected_of_port) = (HashMap::new(), HashMap::new());
    let first_attempts =
        || run.checks.iter().enumerate().flat_map(|(at, check)| first_per_address(at, check.port, &check.attempts));
    for (at, port, attempt) in first_attempts() {
        first_of_port.entry((attempt.address, port)).or_insert(at);
        if connected_at_once(attempt) {
            last_connected.insert(attempt.address, at);
            last_connected_of_port.insert((attempt.address, port), at);
        }
    }
    let is_out_of_order = |&(at, port, attempt): &(usize, u16, &Attempt)| {
        let of_port = (attempt.address, port);
        let is_before = |connected: Option<&usize>| connected.is_some_and(|connected| at < *connected);
        is_stopped(attempt)
            && (is_before(last_connected_of_port.get(&of_port))
                || first_of_port.get(&of_port) == Some(&at) && is_before(last_connected.get(&attempt.address)))
    };
    let mut found = HashMap::new();
    for (at, _, attempt) in first_attempts().filter(is_out_of_order) {
        *found.entry(attempt.address).or_default() |= works_later.contains(&(&run.checks[at].id, attempt.address));
    }
    found
}

/// The rounds of concurrent connections to each address that the run's own connections, started in the same order,
/// confirm. On a lossy link, rounds may look like a limit by chance. Only the first experiment for each address counts.
pub(super) fn limits_shown(run: &Observations) -> HashMap<IpAddr, &Crowd> {
    let mut own: HashMap<IpAddr, Vec<bool>> = HashMap::new();
    for attempt in run.checks.iter().flat_map(|check| &check.attempts) {
        let at_once = attempt.connect.success().is_some_and(|evidence| !evidence.was_sent_again());
        own.entry(attempt.address).or_default().push(at_once);
    }
    let rounds = run.facts::<kind::Crowd>().filter_map(|crowd| Some((crowd, own.remove(&crowd.address)?)));
    rounds.filter(|(crowd, own)| crowd.is_borne_out_by(own)).map(|(crowd, _)| (crowd.address, crowd)).collect()
}

/// A check's first attempt at each address.
fn first_per_address(at: usize, port: u16, attempts: &[Attempt]) -> impl Iterator<Item = (usize, u16, &Attempt)> {
    let mut known = HashSet::new();
    attempts.iter().filter(move |attempt| known.insert(attempt.address)).map(move |attempt| (at, port, attempt))
}

/// Checks that connected when they were repeated alone.
fn works_when_repeated(run: &Observations) -> HashSet<(&CheckId, IpAddr)> {
    let alone = run.facts::<kind::Alone>().filter(|alone| alone.attempt.connect.is_ok());
    let some_arrived = |tries: &&Tries| tries.failures() < tries.tries.len();
    let in_tries = run.facts::<kind::Tries>().filter(some_arrived).map(|tries| (&tries.check, tries.address));
    alone.map(|alone| (&alone.check, alone.attempt.address)).chain(in_tries).collect()
}

fn connected_at_once(attempt: &Attempt) -> bool {
    attempt.connect.success().is_some_and(|evidence| !evidence.hedged && evidence.retransmits == Some(0))
}

fn is_stopped(attempt: &Attempt) -> bool {
    matches!(attempt.connect.failure(), Some(ConnectFailure::TimedOut { .. } | ConnectFailure::Refused { .. }))
}
