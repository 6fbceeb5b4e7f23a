//! Whether answers reach this machine by another interface than it expects them by, and are dropped for it: the kernel's
//! reverse path filter counts them. It looks at addresses alone, so one port of one address is enough. The counter is that of
//! the whole network namespace: two bursts of different sizes tell our own answers from what comes in anyway.

use std::{net::SocketAddr, time::Duration};

use tokio::time::sleep;

use super::{
    Experiment,
    snapshot_view::{SnapshotView, endpoint},
};
use crate::{
    context::run_context::RunContext,
    net::{connect::Dial, os},
    observation::{ReversePath, ReversePathRound, TrackedAttempt},
};

/// Limits the whole experiment: two bursts, one counting interval each.
const EXPERIMENT_TIMEOUT: Duration = Duration::from_millis(2500);
/// The second burst is so much larger that chance does not explain the difference.
const BURST_SIZES: [u64; 2] = [6, 18];
/// How long the counter is watched. Longer than any round trip, and less than the second after which Linux repeats a
/// SYN.
const COUNTING_INTERVAL: Duration = Duration::from_millis(900);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    peer: SocketAddr,
}

impl Experiment for Plan {
    type Facts = ReversePath;

    /// Linux filters and counts IPv4 alone.
    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        let attempts = || view.snapshot.attempts.iter().filter(|tracked| tracked.attempt.address.is_ipv4());
        let answered = attempts().any(|tracked| tracked.attempt.connect.is_ok());
        let silent =
            |tracked: &&TrackedAttempt| !tracked.attempt.address.is_loopback() && view.waits_for_its_handshake(tracked);
        // The same one at each look.
        let first = attempts().filter(silent).map(endpoint).min();
        first.filter(|_| !answered).map(|peer| Self { peer }).into_iter()
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<ReversePath> {
        os::counters().filter(|_| context.settings.counters)?.reverse_path_filtered?;
        let interfaces = os::local_network(&[], &[]).interfaces?;
        let filters = |mode: Option<u8>| mode.is_some_and(|mode| mode > 0);
        let filtering = interfaces.into_iter().filter(|one| one.running && filters(one.reverse_path_filter));
        let filtering: Vec<String> = filtering.map(|interface| interface.name).collect();
        if filtering.is_empty() {
            return None;
        }
        let mut rounds = Vec::new();
        // What was counted until the time is up counts.
        let _ = context
            .control
            .within(EXPERIMENT_TIMEOUT, async {
                for syns in BURST_SIZES {
                    rounds.extend(round(self.peer, syns).await);
                }
            })
            .await;
        Some(ReversePath { address: self.peer.ip(), port: self.peer.port(), filtering, rounds })
    }
}

async fn round(peer: SocketAddr, syns: u64) -> Option<ReversePathRound> {
    let before = os::counters()?.reverse_path_filtered?;
    let dials: Vec<Dial> = (0..syns).filter_map(|_| Dial::start(peer, None).ok()).collect();
    sleep(COUNTING_INTERVAL).await;
    let after = os::counters()?.reverse_path_filtered?;
    let syns = u64::try_from(dials.len()).ok()?;
    Some(ReversePathRound { syns, filtered: after.wrapping_sub(before) })
}
