//! From how far away comes what ends a hello: a peer that ends it itself stands where the handshake was made, a box on the
//! path stands before. Both ways are measured: how many hops a hello needs to be ended, and how many the end has come.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use super::{
    Experiment,
    hello::Hello,
    limited_hello::{Sender, patience},
    view::{View, endpoint},
};
use crate::{
    observation::{Climb, HelloDistance, TlsFailure},
    probe::{
        Bench, os,
        path::{Survey, Until},
    },
};

const BUDGET: Duration = Duration::from_millis(3500);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    peer: SocketAddr,
}

impl Experiment for Plan {
    type Facts = HelloDistance;

    fn wanted(view: View<'_>) -> impl Iterator<Item = Self> {
        let ended = view.ended().filter(|climb| os::TRACES_PATHS && !climb.attempt.address.is_loopback());
        ended.filter(|climb| is_ended_by_the_hello(climb)).map(|climb| Self { peer: endpoint(climb) })
    }

    async fn perform(&self, bench: &Bench<'_>) -> Option<HelloDistance> {
        let (began, peer) = (Instant::now(), self.peer);
        let patience = patience(bench, peer.ip());
        let usual = Hello::usual(bench);
        let hello = usual.first_flight(&bench.board.roots()?).ok()?;
        let mut hellos = Sender::new(peer, usual.name.unwrap_or_default(), hello, patience, began);
        let mut survey = Survey::new(peer, patience, began);
        let mut end_ttl = None;
        // What was seen until the time is up counts.
        let _ = bench.run.within(BUDGET, measure(&mut survey, &mut hellos, &mut end_ttl)).await;
        Some(HelloDistance { path: survey.into_trace(), hellos: hellos.into_trace(), end_ttl })
    }
}

/// Whether whatever answered the hello ended the connection with its first word, or without one.
fn is_ended_by_the_hello(climb: &Climb) -> bool {
    let before_the_certificate = climb.attempt.tls.evidence().is_none_or(|tls| tls.chain.is_empty());
    match climb.attempt.tls.failure() {
        Some(TlsFailure::Closed { bytes_received: 0 } | TlsFailure::Reset { bytes_received: 0 }) => true,
        Some(TlsFailure::Alert { .. }) => before_the_certificate,
        _ => false,
    }
}

async fn measure(survey: &mut Survey, hellos: &mut Sender, end_ttl: &mut Option<u8>) {
    survey.explore(1, Until::Answer).await;
    let Some(hub) = survey.arrival() else { return };
    tokio::join!(survey.again(2, 1..=hub), hellos.send(1, (1..=hub).collect()));
    // Once more around where they end.
    let end = hellos.end();
    let around = [end.saturating_sub(1), end, hub];
    let again = around.into_iter().filter(|ttl| (1..=hub).contains(ttl)).collect::<std::collections::BTreeSet<_>>();
    tokio::join!(survey.measure_answers(), hellos.send(2, again.into_iter().collect()));
    if let Some(handshake) = survey.answer_ttl() {
        *end_ttl = hellos.end_ttl(handshake).await;
    }
}
