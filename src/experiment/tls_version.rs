//! TLS 1.2 and TLS 1.3 apart, where the peer refuses both at once.

use std::net::SocketAddr;

use futures_util::future::join_all;

use super::{
    Experiment,
    hello::{Hello, Versions},
    view::{View, endpoint},
};
use crate::{
    observation::{Climb, Hellos, TlsFailure},
    probe::Bench,
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

    fn wanted(view: View<'_>) -> impl Iterator<Item = Self> {
        let refused = |climb: &&Climb| match climb.attempt.tls.failure() {
            Some(TlsFailure::Alert { code, .. }) => OF_VERSIONS.contains(code),
            Some(TlsFailure::Incompatible { .. }) => true,
            _ => false,
        };
        view.ended().filter(refused).map(|climb| Self { peer: endpoint(climb) })
    }

    async fn perform(&self, bench: &Bench<'_>) -> Option<Hellos> {
        let roots = bench.board.roots()?;
        let versions = [Versions::Only12, Versions::Only13];
        let usual = Hello::usual(bench);
        let hellos = versions.map(|versions| Hello { versions, ..usual }.send(bench, &roots, self.peer));
        Some(Hellos::to(self.peer, join_all(hellos).await))
    }
}
