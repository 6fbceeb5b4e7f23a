//! Where on the path the hub's name is filtered: hellos with a limited TTL, with its name and with another.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    time::{Duration, Instant},
};

use super::{
    Experiment,
    hello::{Hello, NEUTRAL},
    limited_hello::{Sender, is_called_unreachable, patience},
    snapshot_view::SnapshotView,
};
use crate::{
    context::run_context::RunContext,
    net::{
        os,
        path::{CONTROL_DELAY, PathTracer, Until},
    },
    observation::{Answer, HelloPath, HelloTrial, Hellos, kind},
};

/// Limits the whole experiment: connections and a few rounds of hellos, each awaited for at most 1.2 s.
const EXPERIMENT_TIMEOUT: Duration = Duration::from_millis(3500);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    peer: SocketAddr,
}

impl Experiment for Plan {
    type Facts = HelloPath;

    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        let compared = view.snapshot.experiments.iter().filter_map(|experiment| experiment.facts::<kind::ServerName>());
        let filtered = compared.filter(|hellos| is_filtered_by_name(hellos) && !hellos.address.is_loopback());
        filtered.map(|hellos| Self { peer: SocketAddr::new(hellos.address, hellos.port) })
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<HelloPath> {
        if !os::TRACES_PATHS {
            return None;
        }
        let roots = context.state.roots()?;
        let usual = Hello::usual(context);
        let (began, peer) = (Instant::now(), self.peer);
        let patience = patience(context, peer.ip());
        let hellos = |name: &str| {
            let hello = Hello { name: Some(name), ..usual }.first_flight(&roots).ok()?;
            Some(Sender::new(peer, name, hello, patience, began))
        };
        let (mut own, mut other) = (hellos(usual.name?)?, hellos(NEUTRAL)?);
        let mut tracer = PathTracer::new(peer, patience, began);
        // What was seen until the time is up counts.
        let _ = context.control.within(EXPERIMENT_TIMEOUT, compare(&mut tracer, &mut own, &mut other)).await;
        let rejection = match is_called_unreachable(&context.state.snapshot(), peer) {
            true => own.rejection(context).await,
            false => None,
        };
        Some(HelloPath { path: tracer.into_trace(), own: own.into_trace(), other: other.into_trace(), rejection })
    }
}

/// Whether another name is always answered, and the hub's never.
pub(super) fn is_filtered_by_name(hellos: &Hellos) -> bool {
    let answered = |trial: &HelloTrial| matches!(trial.answer, Answer::ServerHello { .. });
    let named = || hellos.trials.iter().filter(|trial| trial.server_name.is_some());
    let (other, own): (Vec<_>, Vec<_>) = named().partition(|trial| trial.server_name.as_deref() == Some(NEUTRAL));
    !own.is_empty() && !other.is_empty() && other.into_iter().all(answered) && !own.into_iter().any(answered)
}

/// The other name comes first and last: its answers show that those to the hub's own could have come too.
async fn compare(tracer: &mut PathTracer, own: &mut Sender, other: &mut Sender) {
    tracer.explore(1, Until::Answer).await;
    let Some(hub) = tracer.arrival() else { return };
    tracer.repeat(2, 1..=hub).await;
    tokio::join!(other.send(1, (1..=hub).collect()), later(own.send(1, (1..=hub).collect())));
    // Once more around where they part.
    let parting = own.end();
    let own_again = BTreeSet::from([parting.saturating_sub(1), parting, parting.saturating_add(1)]);
    let other_again = BTreeSet::from([parting, parting.saturating_add(1), hub]);
    let within = |ttls: BTreeSet<u8>| ttls.into_iter().filter(|ttl| (1..=hub).contains(ttl)).collect();
    tokio::join!(own.send(2, within(own_again)), later(other.send(2, within(other_again))));
}

async fn later(work: impl Future<Output = ()>) {
    tokio::time::sleep(CONTROL_DELAY).await;
    work.await;
}
