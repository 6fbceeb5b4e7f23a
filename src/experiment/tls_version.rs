//! TLS 1.2 and TLS 1.3 apart, where the peer refuses both at once.

use std::net::{IpAddr, SocketAddr};

use futures_util::future::join_all;

use super::{
    Trial,
    hello::{Hello, Versions},
    view::View,
};
use crate::{
    observation::{Climb, Hellos, TlsFailure},
    probe::Bench,
};

/// Alerts that may speak of versions or suites: handshake_failure, protocol_version, insufficient_security (RFC 8446,
/// section 6.2).
const OF_VERSIONS: [u8; 3] = [40, 70, 71];

pub(super) fn wanted(view: View<'_>) -> impl Iterator<Item = Trial> {
    let refused = |climb: &&Climb| match climb.attempt.tls.failure() {
        Some(TlsFailure::Alert { code, .. }) => OF_VERSIONS.contains(code),
        Some(TlsFailure::Incompatible { .. }) => true,
        _ => false,
    };
    view.ended().filter(refused).map(|climb| Trial::TlsVersion(climb.attempt.address, climb.check.endpoint.port))
}

pub(super) async fn perform(bench: &Bench<'_>, address: IpAddr, port: u16) -> Option<Hellos> {
    let roots = bench.board.roots()?;
    let versions = [Versions::Only12, Versions::Only13];
    let usual = Hello::usual(bench);
    let hellos =
        versions.map(|versions| Hello { versions, ..usual }.send(bench, &roots, SocketAddr::new(address, port)));
    Some(Hellos { address, port, trials: join_all(hellos).await })
}
