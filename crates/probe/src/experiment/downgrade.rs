//! The usual hello once more, where its answer bore the mark of a peer that would have taken TLS 1.3: this time the answer is
//! read on to the signature, which covers both randoms. So it is known whether the mark is the hub's own word. Then a whole
//! handshake that does not mind the mark: both ends compare what they saw of it, and only where the hello arrived as it was
//! sent does it end well.

use std::net::SocketAddr;

use super::{
    Experiment,
    hello::{self, Hello, Until},
    snapshot_view::{SnapshotView, endpoint},
};
use crate::{
    context::run_context::RunContext,
    net::{
        connect,
        tls::{self, Patience, Versions},
        verify::Tolerance,
    },
    observation::{Answer, Hellos, StageResult, TlsFailure, TrackedAttempt},
};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    peer: SocketAddr,
}

impl Experiment for Plan {
    type Facts = Hellos;

    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        view.ended().filter(|tracked| is_downgraded(tracked)).map(|tracked| Self { peer: endpoint(tracked) })
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<Hellos> {
        let hello = Hello { read_as_tls_12: true, until: Until::WholeChain, ..Hello::usual(context) };
        let whole = || ends_well(context, self.peer);
        let (hellos, first, second) = tokio::join!(hello::twice(context, self.peer, [hello]), whole(), whole());
        // What ends well once has arrived; what is cut by accident is not cut twice.
        let finished = match (first, second) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        };
        let mut hellos = hellos?;
        for trial in &mut hellos.trials {
            if let Answer::ServerHello { chosen: Some(chosen), .. } = &mut trial.answer {
                chosen.finished = finished;
            }
        }
        Some(hellos)
    }
}

fn is_downgraded(tracked: &TrackedAttempt) -> bool {
    let tls = &tracked.attempt.tls;
    matches!(tls.failure(), Some(TlsFailure::Downgraded)) || tls.evidence().is_some_and(|tls| tls.downgraded)
}

/// Whether a whole handshake with such a hello ends well; `None` where it ends for a reason that says nothing of what arrived.
async fn ends_well(context: &RunContext<'_>, peer: SocketAddr) -> Option<bool> {
    let (roots, host) = (context.state.roots()?, &context.target.host);
    let (_, tcp) = connect::connect(context.control, peer).await;
    let offer = (Tolerance::Identity, Versions::BothFor12, Patience::Stage);
    let (stage_result, _) = tls::handshake(context.control, tcp?.into(), host, None, &roots, offer).await;
    // What is seen before the signature was not compared yet.
    let is_signed = stage_result.evidence()?.trust.as_ref()?.signature_verified == Some(true);
    match stage_result {
        StageResult::Ok { .. } => Some(true),
        // Some servers do not say what they found to be wrong.
        StageResult::Failed {
            failure:
                TlsFailure::Alert { .. } | TlsFailure::Invalid { .. } | TlsFailure::Closed { .. } | TlsFailure::Reset { .. },
            ..
        } if is_signed => Some(false),
        _ => None,
    }
}
