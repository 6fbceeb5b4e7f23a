//! The same hello with its application protocol (ALPN, RFC 7301), with the one that every browser has, and with none: some
//! firewalls let out only what they know.

use std::net::SocketAddr;

use super::{
    Experiment,
    hello::{self, Hello},
    snapshot_view::{SnapshotView, endpoint, is_stopped_by_hello},
};
use crate::{context::run_context::RunContext, observation::Hellos};

/// What no firewall minds.
const COMMON: &str = "http/1.1";

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    peer: SocketAddr,
    own: &'static str,
}

impl Experiment for Plan {
    type Facts = Hellos;

    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        let stopped = view.snapshot.attempts.iter().filter(move |tracked| is_stopped_by_hello(view, tracked));
        stopped.filter_map(|tracked| Some(Self { peer: endpoint(tracked), own: tracked.check.endpoint.alpn? }))
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<Hellos> {
        let usual = Hello::usual(context);
        let hellos = [Some(self.own), Some(COMMON), None].map(|alpn| Hello { alpn, ..usual });
        hello::twice(context, self.peer, hellos).await
    }
}
