//! The same hello with a smaller MSS: if a link carries only small packets and no router reports it, a smaller size
//! brings the answer that the usual one does not.

use std::net::SocketAddr;

use futures_util::future::join_all;

use super::{
    Experiment,
    hello::{Hello, Until},
    snapshot_view::{SnapshotView, endpoint},
};
use crate::{
    context::run_context::RunContext,
    net::os,
    observation::{Hellos, Stage, TlsFailure, TrackedAttempt},
};

/// What the system chooses, a tunnel in a tunnel, IPv6's least, and the least of all (RFC 9293, section 3.7.1), in bytes.
/// The first and the last twice: one silence, or one answer, may be an accident.
pub(super) const SIZES: [Option<u16>; 6] = [None, Some(1300), Some(1200), Some(536), None, Some(536)];

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    peer: SocketAddr,
}

impl Experiment for Plan {
    type Facts = Hellos;

    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        let silent = move |tracked: &&TrackedAttempt| {
            let timed_out = matches!(tracked.attempt.tls.failure(), Some(TlsFailure::TimedOut { .. }));
            os::CLAMPS_SEGMENTS && (timed_out || view.waits_long(tracked, Stage::Tls))
        };
        view.snapshot.attempts.iter().filter(silent).map(|tracked| Self { peer: endpoint(tracked) })
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<Hellos> {
        let roots = context.state.roots()?;
        let usual = Hello { until: Until::WholeChain, ..Hello::usual(context) };
        let hellos = SIZES.map(|mss| Hello { mss, ..usual }.send(context, &roots, self.peer));
        Some(Hellos::to(self.peer, join_all(hellos).await))
    }
}
