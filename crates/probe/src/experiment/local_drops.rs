//! Whether this machine itself drops what it sends: a rule of its own that drops a SYN looks to the socket like one far
//! away. The kernel knows: where it fails to send a SYN once more, it counts. Those counters are of the whole network
//! namespace, so several SYNs are sent at once, and counted twice, at the moment when the kernel must repeat them.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use futures_util::future::join_all;
use tokio::time::sleep;

use super::{Experiment, snapshot_view::SnapshotView};
use crate::{
    context::run_context::RunContext,
    net::{connect::Dial, os},
    observation::{LocalDrops, LocalRound, Snapshot, Stage},
};

/// Limits the whole experiment: at most twelve rounds, one counting interval apart, each over within 1.2 s.
const EXPERIMENT_TIMEOUT: Duration = Duration::from_millis(3500);
/// More than other programs fail to repeat in the same moment, and than our own attempts have under way.
const SYNS_PER_ROUND: u32 = 6;
/// Ports of each address family that are looked at; what a machine drops, it drops by port.
const MAX_PORTS: usize = 3;
/// Just before Linux repeats a SYN: after one second (RFC 6298), and up to 80 ms later, as its timers are coarse.
const RETRANSMISSION_DELAY: Duration = Duration::from_millis(920);
/// How long the counters are watched: the repetition falls into it, with its coarse timer.
const COUNTING_INTERVAL: Duration = Duration::from_millis(200);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan;

impl Experiment for Plan {
    type Facts = LocalDrops;

    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        view.snapshot
            .attempts
            .iter()
            .any(|tracked| !tracked.attempt.address.is_loopback() && view.waits_for_its_handshake(tracked))
            .then_some(Self)
            .into_iter()
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<LocalDrops> {
        os::counters().filter(|_| context.settings.counters)?;
        let silent = silent(&context.state.snapshot());
        // Each has a moment of its own to be counted in.
        let rounds = silent.iter().chain(&silent).zip(0..).map(|(peer, index)| round(*peer, COUNTING_INTERVAL * index));
        let rounds = context.control.within(EXPERIMENT_TIMEOUT, join_all(rounds)).await.ok()?;
        Some(LocalDrops { rounds: rounds.into_iter().flatten().collect() })
    }
}

/// One address of each family for each port that waits for its handshake.
fn silent(snapshot: &Snapshot) -> Vec<SocketAddr> {
    let waits = snapshot.attempts.iter().filter(|tracked| {
        !tracked.attempt.address.is_loopback() && tracked.waits.is_some_and(|waits| waits.stage == Stage::Connect)
    });
    let mut found: BTreeMap<(u16, bool), SocketAddr> = BTreeMap::new();
    for tracked in waits {
        let peer = SocketAddr::new(tracked.attempt.address, tracked.check.endpoint.port);
        found.entry((peer.port(), peer.is_ipv6())).or_insert(peer);
    }
    found.into_values().take(MAX_PORTS * 2).collect()
}

async fn round(peer: SocketAddr, after: Duration) -> Option<LocalRound> {
    sleep(after).await;
    let dials: Vec<Dial> = (0..SYNS_PER_ROUND).filter_map(|_| Dial::start(peer, None).ok()).collect();
    let repeated = || dials.iter().filter(|dial| dial.retransmits().is_some_and(|again| again > 0)).count();
    sleep(RETRANSMISSION_DELAY).await;
    let repeated_before = repeated();
    let before = os::counters()?;
    sleep(COUNTING_INTERVAL).await;
    let after = os::counters()?;
    let retransmitted = repeated().saturating_sub(repeated_before);
    Some(LocalRound {
        address: peer.ip(),
        port: peer.port(),
        syns: SYNS_PER_ROUND,
        retransmitted: u32::try_from(retransmitted).unwrap_or(u32::MAX),
        retransmissions_failed: after.retransmissions_failed.wrapping_sub(before.retransmissions_failed),
        packets_not_sent: not_sent(before, after),
    })
}

/// What was handed down to be sent, less what was sent: meaningless on a machine that forwards others' packets, where
/// more may be sent than that.
fn not_sent(before: os::Counters, after: os::Counters) -> Option<u64> {
    let to_send = after.packets_to_send?.checked_sub(before.packets_to_send?)?;
    let sent = after.packets_sent?.checked_sub(before.packets_sent?)?;
    to_send.checked_sub(sent)
}
