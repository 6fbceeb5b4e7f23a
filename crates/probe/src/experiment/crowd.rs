//! How many connections get through at once. Runs if checks failed together and work alone, or if some of the first
//! SYNs were not answered and others were. Two rounds at once, then one after another.

use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use futures_util::future::join_all;
use tokio::time::sleep;

use super::{
    Concurrency, Experiment,
    snapshot_view::{SnapshotView, arrived, endpoint},
};
use crate::{
    context::run_context::RunContext,
    net::connect::Dial,
    observation::{ConnectEvidence, Crowd, ENOUGH_IN_TURN, Snapshot, TrackedAttempt, kind},
};

/// Limits the wait for each SYN-ACK. Less than the second after which a SYN is repeated: only the first one counts.
const FIRST_SYN_TIMEOUT: Duration = Duration::from_millis(600);
/// Before each round: a device that counts connections per second starts anew.
const ROUND_SPACING: Duration = Duration::from_millis(1600);
/// Between two connections that follow one another.
const TURN_SPACING: Duration = Duration::from_millis(400);
/// The same, if an answer came a second late: a device that counts per second takes so long until it starts anew.
const COUNTED_TURN_SPACING: Duration = Duration::from_millis(1150);
/// As many as a run opens at once, and no more.
const MAX_CONNECTIONS: usize = 8;
/// A limit counts only if it is the same in all rounds.
const ROUNDS: usize = 2;
/// Limits the whole experiment: two rounds, then eight connections in turn at the longest spacing.
const EXPERIMENT_TIMEOUT: Duration = Duration::from_secs(12);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    address: IpAddr,
}

impl Experiment for Plan {
    type Facts = Crowd;

    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        let crowded = view.ended().filter(move |tracked| {
            was_crowded_out(view, tracked) || waited_for_others(view, tracked) || works_alone_later(view, tracked)
        });
        let addresses: BTreeSet<IpAddr> = crowded.map(|tracked| tracked.attempt.address).collect();
        addresses.into_iter().take(1).map(|address| Self { address })
    }

    fn concurrency(&self, _: SnapshotView<'_>) -> Concurrency {
        Concurrency::Alone
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<Crowd> {
        let snapshot = context.state.snapshot();
        let mut peers: Vec<SocketAddr> = snapshot
            .attempts
            .iter()
            .map(endpoint)
            .filter(|peer| peer.ip() == self.address)
            .take(MAX_CONNECTIONS)
            .collect();
        // Ports that are always blocked do not count.
        let works = |peer: &SocketAddr| {
            let at = |tracked: &&TrackedAttempt| endpoint(tracked) == *peer;
            snapshot.attempts.iter().filter(at).any(|tracked| tracked.attempt.connect.is_ok())
                || snapshot.facts::<kind::Alone>().any(|alone| {
                    let port = snapshot.attempts.iter().find(|tracked| tracked.check.id == alone.check).map(endpoint);
                    port == Some(*peer) && alone.attempt.connect.is_ok()
                })
        };
        peers.retain(works);
        let mut crowd = Crowd {
            address: self.address,
            ports: peers.iter().map(SocketAddr::port).collect(),
            together: Vec::new(),
            in_turn: Vec::new(),
        };
        let between = if was_let_in_later(&snapshot, self.address) { COUNTED_TURN_SPACING } else { TURN_SPACING };
        // Results up to the timeout count.
        let _ = context.control.within(EXPERIMENT_TIMEOUT, look(&peers, between, &mut crowd)).await;
        (!crowd.together.is_empty()).then_some(crowd)
    }
}

async fn look(peers: &[SocketAddr], between: Duration, crowd: &mut Crowd) {
    for round in 0..ROUNDS {
        sleep(ROUND_SPACING).await;
        crowd.together.push(together(peers).await);
        let so_far = Crowd { together: vec![crowd.together[round].clone(); ROUNDS], ..crowd.clone() };
        if so_far.limit().is_none() {
            return;
        }
    }
    sleep(ROUND_SPACING.min(between)).await;
    let count = if between == TURN_SPACING { peers.len() } else { ENOUGH_IN_TURN };
    for peer in peers.iter().take(count) {
        crowd.in_turn.extend(together(std::slice::from_ref(peer)).await);
        sleep(between).await;
    }
}

/// Whether each of several connections that are begun at once is taken; all are held until the last is known.
async fn together(peers: &[SocketAddr]) -> Vec<bool> {
    let dials: Vec<Option<Dial>> = peers.iter().map(|peer| Dial::start(*peer, None).ok()).collect();
    let taken = dials.iter().zip(peers).map(async |(dial, peer)| match dial {
        Some(dial) => dial.is_taken(*peer, FIRST_SYN_TIMEOUT).await == Some(true),
        None => false,
    });
    let taken = join_all(taken).await;
    dials.into_iter().flatten().for_each(Dial::drop_at_once);
    taken
}

/// Whether an attempt failed, and all tries alone arrived.
fn was_crowded_out(view: SnapshotView<'_>, tracked: &TrackedAttempt) -> bool {
    let tries = view.snapshot.facts::<kind::Tries>().find(|tries| tries.address == tracked.attempt.address);
    !arrived(tracked, view.snapshot)
        && view.shown::<kind::Alone>(tracked).any(|alone| alone.attempt.connect.is_ok())
        && tries.is_some_and(|tries| !tries.tries.is_empty() && tries.failures() == 0)
}

/// Whether an attempt failed, and was let in when it was made again alone, where others had to wait for their turn.
fn works_alone_later(view: SnapshotView<'_>, tracked: &TrackedAttempt) -> bool {
    !tracked.attempt.connect.is_ok()
        && view.shown::<kind::Alone>(tracked).any(|alone| alone.attempt.connect.is_ok())
        && is_suspected(view, tracked.attempt.address)
}

/// Whether a device that counts connections per second is suspected at an address, and not tested yet.
pub(super) fn is_suspected(view: SnapshotView<'_>, address: IpAddr) -> bool {
    let at_once = |tracked: &TrackedAttempt| tracked.attempt.connect.success()?.retransmits.map(|again| again == 0);
    let attempts = || view.snapshot.attempts.iter().filter(|tracked| tracked.attempt.address == address);
    was_let_in_later(view.snapshot, address) && attempts().any(|tracked| at_once(tracked) == Some(true))
}

/// Whether a connection to the address was answered after a SYN of its own that was not: a dead machine behind a load balancer
/// answers no SYN of a connection that was given to it.
fn was_let_in_later(snapshot: &Snapshot, address: IpAddr) -> bool {
    let attempts = snapshot.attempts.iter().filter(|tracked| tracked.attempt.address == address);
    let mut connected = attempts.filter_map(|tracked| tracked.attempt.connect.success());
    connected.any(ConnectEvidence::was_let_in_later)
}

/// Whether the first SYN of an attempt was not answered while those of others to the same address were.
fn waited_for_others(view: SnapshotView<'_>, tracked: &TrackedAttempt) -> bool {
    let sent_again = |tracked: &TrackedAttempt| tracked.attempt.connect.success()?.retransmits;
    let siblings = view.ended().filter(|other| other.attempt.address == tracked.attempt.address);
    sent_again(tracked).is_some_and(|again| again > 0)
        && siblings.filter(|other| sent_again(other) == Some(0)).count() > 0
        && view.snapshot.attempts.iter().all(|tracked| arrived(tracked, view.snapshot))
}
