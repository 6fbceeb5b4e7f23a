//! Who signs for another name at the same address: an interceptor makes a certificate for whatever name it is asked for, a
//! hub of its own authority does not.

use std::net::SocketAddr;

use super::{
    Experiment,
    hello::{Hello, NEUTRAL, Until},
    snapshot_view::{SnapshotView, endpoint},
};
use crate::{
    context::run_context::RunContext,
    observation::{Hellos, Identity, TrackedAttempt},
};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    peer: SocketAddr,
}

impl Experiment for Plan {
    type Facts = Hellos;

    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        view.ended().filter(|tracked| is_strange(tracked)).map(|tracked| Self { peer: endpoint(tracked) })
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<Hellos> {
        let roots = context.state.roots()?;
        let hello = Hello { name: Some(NEUTRAL), until: Until::WholeChain, ..Hello::usual(context) };
        Some(Hellos::to(self.peer, vec![hello.send(context, &roots, self.peer).await]))
    }
}

/// Whether another authority than the hub's signed for its name.
fn is_strange(tracked: &TrackedAttempt) -> bool {
    let trust = tracked.attempt.tls.evidence().and_then(|tls| tls.trust.as_ref());
    trust.is_some_and(|trust| match trust.identity {
        Identity::Intercepted => true,
        Identity::Foreign | Identity::Unverified => trust.authority().is_unknown_issuer(),
        Identity::Proven | Identity::Trusted | Identity::UntrustedHere => false,
    })
}
