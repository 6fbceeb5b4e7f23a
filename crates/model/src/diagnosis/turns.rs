//! In which order connections that begin at once are taken. All SYNs of a run are sent in the order of its checks, before anything
//! is answered: what counts connections, of a machine or of one port, takes the first of them and none behind. A dead machine behind
//! a load balancer gets whichever come to it.

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
};

use crate::{
    hub::CheckId,
    observation::{Attempt, ConnectFailure, Crowd, Observations, Tries, kind},
};

/// The addresses at which a connection failed beside others, though a later one was taken at once: at the same port, or at another
/// where it was the first of its own. And whether any of them there works by itself: a port that is closed is refused in any turn.
pub(super) fn out_of_turn(run: &Observations) -> HashMap<IpAddr, bool> {
    let works = working_later(run);
    let mut first_of_port = HashMap::new();
    let (mut last_taken, mut last_taken_of_port) = (HashMap::new(), HashMap::new());
    let in_turn =
        || run.checks.iter().enumerate().flat_map(|(at, check)| first_of_each(at, check.port, &check.attempts));
    for (at, port, attempt) in in_turn() {
        first_of_port.entry((attempt.address, port)).or_insert(at);
        if is_taken_at_once(attempt) {
            last_taken.insert(attempt.address, at);
            last_taken_of_port.insert((attempt.address, port), at);
        }
    }
    let is_out_of_turn = |&(at, port, attempt): &(usize, u16, &Attempt)| {
        let of_port = (attempt.address, port);
        let is_before = |taken: Option<&usize>| taken.is_some_and(|taken| at < *taken);
        is_stopped(attempt)
            && (is_before(last_taken_of_port.get(&of_port))
                || first_of_port.get(&of_port) == Some(&at) && is_before(last_taken.get(&attempt.address)))
    };
    let mut found = HashMap::new();
    for (at, _, attempt) in in_turn().filter(is_out_of_turn) {
        *found.entry(attempt.address).or_default() |= works.contains(&(&run.checks[at].id, attempt.address));
    }
    found
}

/// What connections at once to an address showed, where the run's own to it, begun in the same order, show the same: on a link that
/// loses packets, rounds look like a limit now and then. The first such look at each address counts.
pub(super) fn borne_out(run: &Observations) -> HashMap<IpAddr, &Crowd> {
    let mut own: HashMap<IpAddr, Vec<bool>> = HashMap::new();
    for attempt in run.checks.iter().flat_map(|check| &check.attempts) {
        let at_once = attempt.connect.success().is_some_and(|evidence| !evidence.was_sent_again());
        own.entry(attempt.address).or_default().push(at_once);
    }
    let looks = run.facts::<kind::Crowd>().filter_map(|crowd| Some((crowd, own.remove(&crowd.address)?)));
    looks.filter(|(crowd, own)| crowd.is_borne_out_by(own)).map(|(crowd, _)| (crowd.address, crowd)).collect()
}

/// A check's first attempt at each address.
fn first_of_each(at: usize, port: u16, attempts: &[Attempt]) -> impl Iterator<Item = (usize, u16, &Attempt)> {
    let mut known = HashSet::new();
    attempts.iter().filter(move |attempt| known.insert(attempt.address)).map(move |attempt| (at, port, attempt))
}

/// Checks that connected when they were made again, by themselves.
fn working_later(run: &Observations) -> HashSet<(&CheckId, IpAddr)> {
    let alone = run.facts::<kind::Alone>().filter(|alone| alone.attempt.connect.is_ok());
    let some_arrived = |tries: &&Tries| tries.failures() < tries.tries.len();
    let in_tries = run.facts::<kind::Tries>().filter(some_arrived).map(|tries| (&tries.check, tries.address));
    alone.map(|alone| (&alone.check, alone.attempt.address)).chain(in_tries).collect()
}

fn is_taken_at_once(attempt: &Attempt) -> bool {
    attempt.connect.success().is_some_and(|evidence| !evidence.hedged && evidence.retransmits == Some(0))
}

fn is_stopped(attempt: &Attempt) -> bool {
    matches!(attempt.connect.failure(), Some(ConnectFailure::TimedOut { .. } | ConnectFailure::Refused { .. }))
}
