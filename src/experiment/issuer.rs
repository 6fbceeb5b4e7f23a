//! Who signs for another name at the same address: an interceptor makes a certificate for whatever name it is asked for, a
//! hub of its own authority does not.

use std::net::SocketAddr;

use super::{
    Experiment,
    hello::{Hello, NEUTRAL, Until},
    view::{View, endpoint},
};
use crate::{
    observation::{Hellos, Identity, TrackedAttempt},
    probe::Bench,
};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    peer: SocketAddr,
}

impl Experiment for Plan {
    type Facts = Hellos;

    fn wanted(view: View<'_>) -> impl Iterator<Item = Self> {
        view.ended().filter(|tracked| is_strange(tracked)).map(|tracked| Self { peer: endpoint(tracked) })
    }

    async fn perform(&self, bench: &Bench<'_>) -> Option<Hellos> {
        let roots = bench.board.roots()?;
        let hello = Hello { name: Some(NEUTRAL), until: Until::WholeChain, ..Hello::usual(bench) };
        Some(Hellos::to(self.peer, vec![hello.send(bench, &roots, self.peer).await]))
    }
}

/// Whether somebody else than the hub's authority signed for its name.
fn is_strange(tracked: &TrackedAttempt) -> bool {
    let trust = tracked.attempt.tls.evidence().and_then(|tls| tls.trust.as_ref());
    trust.is_some_and(|trust| match trust.identity {
        Identity::Intercepted => true,
        Identity::Foreign | Identity::Unverified => trust.authority().is_unknown_issuer(),
        Identity::Proven | Identity::Trusted | Identity::UntrustedHere => false,
    })
}
