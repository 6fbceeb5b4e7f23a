//! The usual hello once more, where its answer bore the mark of a peer that would have taken TLS 1.3: this time the answer is
//! read on to the signature, which covers both randoms. So it is known whether the mark is the hub's own word.

use std::net::SocketAddr;

use super::{
    Experiment,
    hello::{self, Hello, Until},
    view::{View, endpoint},
};
use crate::{
    observation::{Climb, Hellos, TlsFailure},
    probe::Bench,
};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    peer: SocketAddr,
}

impl Experiment for Plan {
    type Facts = Hellos;

    fn wanted(view: View<'_>) -> impl Iterator<Item = Self> {
        view.ended().filter(|climb| is_downgraded(climb)).map(|climb| Self { peer: endpoint(climb) })
    }

    async fn perform(&self, bench: &Bench<'_>) -> Option<Hellos> {
        let hello = Hello { read_as_tls_12: true, until: Until::WholeChain, ..Hello::usual(bench) };
        hello::twice(bench, self.peer, [hello]).await
    }
}

fn is_downgraded(climb: &Climb) -> bool {
    let tls = &climb.attempt.tls;
    matches!(tls.failure(), Some(TlsFailure::Downgraded)) || tls.evidence().is_some_and(|tls| tls.downgraded)
}
