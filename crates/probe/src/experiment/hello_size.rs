//! A hello as large as post-quantum key exchange makes it, and a small one, if all is well: future devices send it, and
//! some middleboxes drop a hello that does not fit into one segment.

use std::net::SocketAddr;

use super::{
    Experiment,
    hello::{self, Hello},
    snapshot_view::{SnapshotView, endpoint},
};
use crate::{
    context::run_context::RunContext,
    observation::{Answer, HelloTrial, Hellos},
};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    peer: SocketAddr,
}

impl Experiment for Plan {
    type Facts = Hellos;

    /// Only where the user asks for it: nothing is wrong here.
    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        let well = view.ended().filter(move |tracked| view.large_hello && tracked.attempt.tls.is_ok());
        well.map(|tracked| Self { peer: endpoint(tracked) })
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<Hellos> {
        let usual = Hello::usual(context);
        let large = Hello { large: true, ..usual };
        match hello::once(context, self.peer, large).await {
            // What passes needs no comparison.
            Some(hellos) if hellos.trials.iter().all(was_read) => Some(hellos),
            _ => hello::twice(context, self.peer, [usual, large]).await,
        }
    }
}

/// A peer that refuses it by an alert has read it.
fn was_read(trial: &HelloTrial) -> bool {
    matches!(trial.answer, Answer::ServerHello { .. } | Answer::Alert { .. } | Answer::NotTls { .. })
}
