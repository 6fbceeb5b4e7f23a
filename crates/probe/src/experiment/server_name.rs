//! The same address and port with the hub's name, another name and none: a filter that reads the name gives itself away.

use std::net::SocketAddr;

use super::{
    Experiment,
    hello::{self, Hello, NEUTRAL},
    snapshot_view::{SnapshotView, endpoint, is_stopped_by_hello},
};
use crate::{context::run_context::RunContext, observation::Hellos};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    peer: SocketAddr,
}

impl Experiment for Plan {
    type Facts = Hellos;

    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        let stopped = view.snapshot.attempts.iter().filter(move |tracked| is_stopped_by_hello(view, tracked));
        stopped.map(|tracked| Self { peer: endpoint(tracked) })
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<Hellos> {
        let usual = Hello::usual(context);
        // Without a name there is nothing to compare.
        let own = usual.name?;
        let hellos = [Some(own), Some(NEUTRAL), None].map(|name| Hello { name, ..usual });
        hello::twice(context, self.peer, hellos).await
    }
}
