//! The same hello after a header of the PROXY protocol: a service behind a load balancer may require one, and ends
//! every connection without it.
//!
//! Such a header could give a false client address. Ours names no address (`UNKNOWN`, `LOCAL`, as health checks of load
//! balancers send them), so it misleads no receiver. It is sent only if nothing else explains the failure: the peer
//! itself, by its distance, ends every hello, and does not answer in clear either.

use std::net::SocketAddr;

use super::{
    Experiment,
    hello::{self, Hello},
    snapshot_view::{SnapshotView, endpoint},
};
use crate::{
    context::run_context::RunContext,
    observation::{Hellos, Preface, TlsFailure, TrackedAttempt, kind},
};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    peer: SocketAddr,
}

impl Experiment for Plan {
    type Facts = Hellos;

    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        let ended = view.ended().filter(move |tracked| is_ended_by_a_mute_peer(view, tracked));
        ended.map(|tracked| Self { peer: endpoint(tracked) })
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<Hellos> {
        let usual = Hello::usual(context);
        let hellos = [Preface::ProxyV1, Preface::ProxyV2].map(|preface| Hello { preface: Some(preface), ..usual });
        hello::twice(context, self.peer, hellos).await
    }
}

fn is_ended_by_a_mute_peer(view: SnapshotView<'_>, tracked: &TrackedAttempt) -> bool {
    let ended = matches!(
        tracked.attempt.tls.failure(),
        Some(TlsFailure::Closed { bytes_received: 0 } | TlsFailure::Reset { bytes_received: 0 })
    );
    let by_itself = view.shown::<kind::HelloDistance>(tracked).any(|distance| distance.ends_as_far_away_as_it_began());
    let mut in_clear = view.shown::<kind::InClear>(tracked).peekable();
    let is_mute = in_clear.peek().is_some()
        && !in_clear.any(|in_clear| in_clear.questions.iter().any(|question| question.reply.is_an_answer()));
    ended && by_itself && is_mute
}
