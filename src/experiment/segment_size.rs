//! The same hello over smaller segments: where a link carries only small packets and nobody says so, a smaller size brings
//! the answer that the usual one does not.

use std::net::{IpAddr, SocketAddr};

use futures_util::future::join_all;

use super::{
    Trial,
    hello::{Hello, Until},
    view::View,
};
use crate::{
    observation::{Climb, Hellos, Stage, TlsFailure},
    probe::{Bench, os},
};

/// What the system chooses, a tunnel in a tunnel, IPv6's least, and the least of all (RFC 9293, section 3.7.1), in bytes.
/// The first and the last twice: one silence, or one answer, may be an accident.
const SIZES: [Option<u16>; 6] = [None, Some(1300), Some(1200), Some(536), None, Some(536)];

pub(super) fn wanted(view: View<'_>) -> impl Iterator<Item = Trial> {
    let silent = move |climb: &&Climb| {
        let timed_out = matches!(climb.attempt.tls.failure(), Some(TlsFailure::TimedOut { .. }));
        os::CLAMPS_SEGMENTS && (timed_out || view.waits_long(climb, Stage::Tls))
    };
    let silent = view.situation.climbs.iter().filter(silent);
    silent.map(|climb| Trial::SegmentSize(climb.attempt.address, climb.check.endpoint.port))
}

pub(super) async fn perform(bench: &Bench<'_>, address: IpAddr, port: u16) -> Option<Hellos> {
    let roots = bench.board.roots()?;
    let usual = Hello { until: Until::WholeChain, ..Hello::usual(bench) };
    let hellos = SIZES.map(|mss| Hello { mss, ..usual }.send(bench, &roots, SocketAddr::new(address, port)));
    Some(Hellos { address, port, trials: join_all(hellos).await })
}
