//! How far packets get towards an address of which no port answers: no port shows the path then, so packets do that need
//! none, UDP datagrams and ICMP echo requests with few hops. They go to the hub's address alone.

use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use futures_util::future::join_all;

use super::{
    Experiment, path, reference_port,
    snapshot_view::{SnapshotView, endpoint},
};
use crate::{
    context::run_context::RunContext,
    net::{
        os,
        path::{CONTROL_DELAY, PathTracer, Until, patience},
    },
    observation::{AddressPath, PacketKind, Path, ProbeAnswer, TrackedAttempt},
};

/// Limits the whole experiment. It takes some three seconds if everything is silent.
const EXPERIMENT_TIMEOUT: Duration = Duration::from_millis(4500);
/// What stands on the way to one address of a family stands on the way to the next.
const MAX_ADDRESSES: usize = 2;
/// Routers rate-limit ICMP: their answers for more ports are not worth it.
const MAX_PORTS: usize = 3;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    pub(super) address: IpAddr,
}

impl Experiment for Plan {
    type Facts = AddressPath;

    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        let silent = move |address: &IpAddr| {
            let mut attempts = attempts(view, *address).peekable();
            path::has_no_reference(view, *address)
                && !reference_port::is_awaited(view, *address)
                && attempts.peek().is_some()
                && attempts.all(|tracked| path::is_stopped_without_a_word(view, tracked))
        };
        view.addresses_of_each_family(MAX_ADDRESSES).filter(silent).map(|address| Self { address })
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<AddressPath> {
        if !os::TRACES_PATHS {
            return None;
        }
        let snapshot = context.state.snapshot();
        let attempts = snapshot.attempts.iter().filter(|tracked| tracked.attempt.address == self.address);
        let peers: BTreeSet<SocketAddr> = attempts.map(endpoint).collect();
        let (began, patience) = (Instant::now(), patience(None));
        let mut failing: Vec<PathTracer> =
            peers.into_iter().take(MAX_PORTS).map(|peer| PathTracer::new(peer, patience, began)).collect();
        let mut others = [PacketKind::IcmpEcho, PacketKind::Udp]
            .map(|packets| PathTracer::with_packets(packets, self.address, patience, began));
        let (first, rest) = failing.split_first_mut()?;
        // What was seen until the time is up counts.
        let _ = context.control.within(EXPERIMENT_TIMEOUT, compare(first, rest, &mut others)).await;
        let others = others.into_iter().map(PathTracer::into_trace).filter(|trace| trace.was_sent()).collect();
        let on_link = os::on_link(self.address);
        let path = |failing: PathTracer| Path { on_link, failing: failing.into_trace(), reference: None };
        Some(AddressPath { ports: failing.into_iter().map(path).collect(), others })
    }
}

fn attempts(view: SnapshotView<'_>, address: IpAddr) -> impl Iterator<Item = &TrackedAttempt> {
    view.snapshot.attempts.iter().filter(move |tracked| tracked.attempt.address == address)
}

/// The other packets come first and last: their answers show that those of the failing ports could have come too. A router
/// answers but some packets a second, so only the first port is followed all the way, and the others looked for where that
/// one ends.
async fn compare(first: &mut PathTracer, rest: &mut [PathTracer], others: &mut [PathTracer]) {
    join_all(others.iter_mut().map(|other| other.explore(1, Until::Silence { at_least: 0 }))).await;
    let known = others.iter().map(reach).max().unwrap_or_default();
    first.explore(1, Until::Silence { at_least: known }).await;
    let end = end(first);
    let parting = || [end.saturating_sub(1), end].into_iter().filter(|ttl| *ttl > 0);
    let behind = end.max(known);
    tokio::join!(
        first.repeat(2, 1..=behind),
        join_all(rest.iter_mut().map(|tracer| tracer.repeat(1, parting()))),
        later(join_all(others.iter_mut().map(|other| {
            let reach = reach(other).max(end);
            other.repeat(2, 1..=reach)
        }))),
    );
    // By now, routers that rate-limit ICMP answer again.
    let gaps = first.gaps(end.min(known), 1);
    tokio::join!(
        first.repeat(3, gaps),
        join_all(rest.iter_mut().map(|tracer| tracer.repeat(2, parting()))),
        later(join_all(others.iter_mut().map(|other| {
            let gaps = other.gaps(reach(other), 2);
            other.repeat(3, gaps)
        }))),
    );
    if first.has_answer(&ProbeAnswer::Reset) {
        first.measure_answers().await;
    }
}

/// As far as anything answered.
fn reach(tracer: &PathTracer) -> u8 {
    tracer.arrival().unwrap_or(tracer.last_router())
}

/// Where the path was answered last, or the first hop that was not.
fn end(tracer: &PathTracer) -> u8 {
    tracer.arrival().unwrap_or(tracer.last_router().saturating_add(1))
}

async fn later<T>(work: impl Future<Output = T>) {
    tokio::time::sleep(CONTROL_DELAY).await;
    work.await;
}
