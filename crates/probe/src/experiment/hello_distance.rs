//! From how far away comes what ends a hello: a peer that ends it itself stands where the handshake was made, a box on the
//! path stands before. Both ways are measured: how many hops a hello needs to be ended, and how many the end has come. Of a
//! peer that waits for no hello the latter alone.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    time::{Duration, Instant},
};

use super::{
    Experiment,
    limited_hello::{Sender, patience},
    snapshot_view::{SnapshotView, endpoint},
};
use crate::{
    context::run_context::RunContext,
    net::{
        os,
        path::{PathTracer, Until},
    },
    observation::{HelloDistance, TlsFailure, TrackedAttempt},
};

/// Limits the whole experiment: connections and a few rounds of hellos, each awaited for at most 1.2 s.
const EXPERIMENT_TIMEOUT: Duration = Duration::from_millis(3500);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    peer: SocketAddr,
}

impl Experiment for Plan {
    type Facts = HelloDistance;

    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        let ended = view.ended().filter(|tracked| os::TRACES_PATHS && !tracked.attempt.address.is_loopback());
        ended.filter(|tracked| is_ended_at_once(tracked)).map(|tracked| Self { peer: endpoint(tracked) })
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<HelloDistance> {
        let (began, peer) = (Instant::now(), self.peer);
        let patience = patience(context, peer.ip());
        let hellos = Sender::usual(context, peer, patience, began)?;
        let tracer = PathTracer::new(peer, patience, began);
        let mut distance = Distance { tracer, hellos, unprompted: true, end_ttl: None };
        // What was seen until the time is up counts.
        let _ = context.control.within(EXPERIMENT_TIMEOUT, distance.measure()).await;
        let Distance { tracer, hellos, unprompted, end_ttl } = distance;
        let mut hellos = hellos.into_trace();
        if unprompted {
            // They prove nothing: each would have come to the same without arriving.
            hellos.probes.clear();
        }
        Some(HelloDistance { path: tracer.into_trace(), hellos, unprompted, end_ttl })
    }
}

/// Whether the connection ended with the peer's first word, or without one.
fn is_ended_at_once(tracked: &TrackedAttempt) -> bool {
    let before_the_certificate = tracked.attempt.tls.evidence().is_none_or(|tls| tls.chain.is_empty());
    match tracked.attempt.tls.failure() {
        Some(TlsFailure::Closed { bytes_received: 0 } | TlsFailure::Reset { bytes_received: 0 }) => true,
        Some(TlsFailure::Alert { .. }) => before_the_certificate,
        Some(TlsFailure::NotTls { .. }) => true,
        _ => false,
    }
}

struct Distance {
    tracer: PathTracer,
    hellos: Sender,
    unprompted: bool,
    end_ttl: Option<u8>,
}

impl Distance {
    async fn measure(&mut self) {
        let Self { tracer, hellos, unprompted, end_ttl } = self;
        tracer.explore(1, Until::Answer).await;
        let Some(hub) = tracer.arrival() else { return };
        let mut first = hellos.clone();
        let says_something = async { hellos.says_something_unprompted().await };
        let ((), (), spoke) =
            tokio::join!(tracer.repeat(2, 1..=hub), first.send(1, (1..=hub).collect()), says_something);
        (*hellos, *unprompted) = (first, spoke);
        if !spoke {
            // Once more around where they end.
            let end = hellos.end();
            let around: BTreeSet<u8> = [end.saturating_sub(1), end, hub].into();
            hellos.send(2, around.into_iter().filter(|ttl| (1..=hub).contains(ttl)).collect()).await;
        }
        tracer.measure_answers().await;
        if let Some(handshake) = tracer.answer_ttl() {
            *end_ttl = hellos.end_ttl(handshake).await;
        }
    }
}
