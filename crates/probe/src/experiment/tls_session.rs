//! A TLS session with a peer with which an attempt completed the handshake, for experiments inside it.

use std::net::SocketAddr;

use tokio::net::TcpStream;

use super::snapshot_view::endpoint;
use crate::{
    context::run_context::RunContext,
    net::{
        roots::Roots,
        tls::{self, Patience, Versions},
        transport::Transport,
        verify::Tolerance,
    },
    observation::{Snapshot, TrackedAttempt},
};

/// Completes a handshake on a connection with `peer`; `None` if it fails.
pub(super) async fn open_tls(
    context: &RunContext<'_>,
    roots: &Roots,
    (tcp, peer): (TcpStream, SocketAddr),
    alpn: Option<&'static str>,
    tolerance: Tolerance,
) -> Option<Transport> {
    let versions = versions_to_offer(&context.state.snapshot(), peer);
    let how = (tolerance, versions, Patience::Stage);
    let shaken = tls::handshake(context.control, tcp.into(), &context.target.host, alpn, roots, how).await;
    shaken.1.map(Transport::tls)
}

/// What a handshake with `peer` must offer to get past where its attempt did.
fn versions_to_offer(snapshot: &Snapshot, peer: SocketAddr) -> Versions {
    let is_downgraded = |tracked: &&TrackedAttempt| {
        endpoint(tracked) == peer && tracked.attempt.tls.evidence().is_some_and(|tls| tls.downgraded)
    };
    match snapshot.attempts.iter().find(is_downgraded) {
        Some(_) => Versions::Only12,
        None => Versions::Both,
    }
}
