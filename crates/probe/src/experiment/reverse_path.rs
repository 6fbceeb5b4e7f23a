//! Whether answers reach this machine by another interface than it expects them by, and are dropped for it: the kernel's
//! reverse path filter counts them. It looks at addresses alone, so one port of one address is enough. The counter is that of
//! the whole network namespace: two bursts of different sizes tell our own answers from what comes in anyway.

use std::{net::SocketAddr, time::Duration};

use tokio::time::sleep;

use super::{
    Experiment,
    view::{SnapshotView, endpoint},
};
use crate::{
    context::run_context::RunContext,
    net::{connect::Dial, os},
    observation::{ReversePath, ReversePathRound, TrackedAttempt},
};

const BUDGET: Duration = Duration::from_millis(2500);
/// The second burst is as much larger as chance will not have it.
const SYNS: [u64; 2] = [6, 18];
/// Longer than any round trip, and shorter than the second after which Linux repeats a SYN.
const COUNTED: Duration = Duration::from_millis(900);

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
            .run
            .within(BUDGET, async {
                for syns in SYNS {
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
    sleep(COUNTED).await;
    let after = os::counters()?.reverse_path_filtered?;
    let syns = u64::try_from(dials.len()).ok()?;
    Some(ReversePathRound { syns, filtered: after.wrapping_sub(before) })
}
