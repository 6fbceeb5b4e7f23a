//! Where on the path a hello is dropped that is never acknowledged, with any name in it. SYNs to the same port pass, so
//! they show the path: hellos have not reached a router that answers SYNs with Time Exceeded, and hellos not.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    time::{Duration, Instant},
};

use super::{
    Experiment,
    hello_path::is_filtered_by_name,
    limited_hello::{Sender, is_called_unreachable, patience},
    snapshot_view::{SnapshotView, endpoint},
};
use crate::{
    context::run_context::RunContext,
    net::{
        os,
        path::{PathTracer, Until},
    },
    observation::{DroppedHello, TlsFailure, TrackedAttempt, kind},
};

/// Limits the whole experiment: connections and a few rounds of hellos, each awaited for at most 1.2 s.
const EXPERIMENT_TIMEOUT: Duration = Duration::from_millis(3500);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    peer: SocketAddr,
}

impl Experiment for Plan {
    type Facts = DroppedHello;

    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        let dropped =
            view.ended().filter(|tracked| is_never_acknowledged(tracked) && !tracked.attempt.address.is_loopback());
        // Routers rate-limit ICMP, and a filter of names has an experiment of its own, which also needs their answers.
        let of_any_name = dropped.filter(move |tracked| {
            let mut compared = view.shown::<kind::ServerName>(tracked).peekable();
            is_without_a_name(tracked) || compared.peek().is_some() && !compared.any(is_filtered_by_name)
        });
        of_any_name.filter(|_| os::TRACES_PATHS).map(|tracked| Self { peer: endpoint(tracked) })
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<DroppedHello> {
        let (began, peer) = (Instant::now(), self.peer);
        let patience = patience(context, peer.ip());
        let mut hellos = Sender::usual(context, peer, patience, began)?;
        let mut tracer = PathTracer::new(peer, patience, began);
        // A router that rejects one is probed for nothing else meanwhile.
        let rejection = match is_called_unreachable(&context.state.snapshot(), peer) {
            true => hellos.rejection(context).await,
            false => {
                // What was seen until the time is up counts.
                let _ = context.control.within(EXPERIMENT_TIMEOUT, compare(&mut tracer, &mut hellos)).await;
                None
            }
        };
        Some(DroppedHello { path: tracer.into_trace(), hellos: hellos.into_trace(), rejection })
    }
}

fn is_never_acknowledged(tracked: &TrackedAttempt) -> bool {
    let failure = tracked.attempt.tls.failure();
    matches!(failure, Some(TlsFailure::TimedOut { bytes_received: 0, acknowledged: Some(false), .. }))
}

/// Whether the hello has no name that could be compared: the hub is addressed by IP.
fn is_without_a_name(tracked: &TrackedAttempt) -> bool {
    tracked.attempt.tls.evidence().is_some_and(|tls| tls.server_name.is_none())
}

/// SYNs come first and last: their answers show that those to the hellos could have come too.
async fn compare(tracer: &mut PathTracer, hellos: &mut Sender) {
    tracer.explore(1, Until::Answer).await;
    let Some(hub) = tracer.arrival() else { return };
    hellos.send(1, (1..=hub).collect()).await;
    tracer.repeat(2, 1..=hub).await;
    // Once more around where they end.
    let end = hellos.end();
    let around = BTreeSet::from([end.saturating_sub(1), end, end.saturating_add(1), hub]);
    let around: Vec<u8> = around.into_iter().filter(|ttl| (1..=hub).contains(ttl)).collect();
    hellos.send(2, around.clone()).await;
    tracer.repeat(3, around).await;
}
