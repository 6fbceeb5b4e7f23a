//! TLS 1.2 and TLS 1.3 apart, where the peer refuses both at once.

use std::net::SocketAddr;

use futures_util::future::join_all;

use super::{
    Experiment,
    hello::Hello,
    snapshot_view::{SnapshotView, endpoint},
};
use crate::{
    context::run_context::RunContext,
    net::tls::Versions,
    observation::{Hellos, TlsFailure, TrackedAttempt},
};

/// Alerts that may speak of versions or suites: handshake_failure, protocol_version, insufficient_security (RFC 8446,
/// section 6.2).
const OF_VERSIONS: [u8; 3] = [40, 70, 71];

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    peer: SocketAddr,
}

impl Experiment for Plan {
    type Facts = Hellos;

    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        view.ended()
            .filter(|tracked| is_refused(tracked) || is_odd(tracked))
            .map(|tracked| Self { peer: endpoint(tracked) })
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<Hellos> {
        let roots = context.state.roots()?;
        let versions = [Versions::Only12, Versions::Only13];
        let usual = Hello::usual(context);
        let hellos = versions.map(|versions| Hello { versions, ..usual }.send(context, &roots, self.peer));
        Some(Hellos::to(self.peer, join_all(hellos).await))
    }
}

/// Whether the answer does not fit the hello, as if another had arrived: then it may be one version that is not let through.
fn is_odd(tracked: &TrackedAttempt) -> bool {
    const MISSING_EXTENSION: u8 = 109;
    let before_the_certificate = tracked.attempt.tls.evidence().is_none_or(|tls| tls.chain.is_empty());
    before_the_certificate
        && matches!(
            tracked.attempt.tls.failure(),
            Some(TlsFailure::Invalid { .. } | TlsFailure::Alert { code: MISSING_EXTENSION, .. })
        )
}

/// Whether an attempt's hello was refused in a way that may be about what it offers.
pub(super) fn is_refused(tracked: &TrackedAttempt) -> bool {
    match tracked.attempt.tls.failure() {
        Some(TlsFailure::Alert { code, .. }) => OF_VERSIONS.contains(code),
        Some(TlsFailure::Incompatible { .. }) => true,
        _ => false,
    }
}
