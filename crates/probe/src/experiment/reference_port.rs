//! A port to compare with, where the only ones that are checked get no answer: the one that is let out most often. It is the
//! hub's own address still, and nothing is asked of it but the TCP handshake.

use std::{
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use super::{
    Experiment,
    snapshot_view::{NOTEWORTHY_WAIT, SnapshotView, endpoint},
};
use crate::{
    context::run_context::RunContext,
    net::connect::Dial,
    observation::{ReferencePort, Snapshot, Stage, TrackedAttempt, kind, millis},
};

/// The port that is let out most often.
const HTTPS_PORT: u16 = 443;
/// Limits the wait for the SYN-ACK: time for a second SYN, if the first is lost. Paths are traced afterwards.
const TWO_SYNS_TIMEOUT: Duration = Duration::from_millis(1300);
/// What stands on the way to one address of a family stands on the way to the next.
const MAX_ADDRESSES: usize = 2;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    address: IpAddr,
}

impl Experiment for Plan {
    type Facts = ReferencePort;

    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        let addresses = view.addresses_of_each_family(MAX_ADDRESSES);
        addresses.filter(move |address| is_wanted(view, *address)).map(|address| Self { address })
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<ReferencePort> {
        let (began, peer) = (Instant::now(), SocketAddr::new(self.address, HTTPS_PORT));
        let taken = match Dial::start(peer, None) {
            Ok(dial) => {
                let taken = context
                    .control
                    .within(TWO_SYNS_TIMEOUT * 2, dial.is_taken(peer, TWO_SYNS_TIMEOUT))
                    .await
                    .ok()
                    .flatten();
                dial.drop_at_once();
                taken
            }
            Err(_) => None,
        };
        Some(ReferencePort { address: self.address, port: HTTPS_PORT, taken, took_ms: millis(began.elapsed()) })
    }
}

/// Whether it is wanted for an address and has no result yet: until then it is open how its path can be shown.
pub(super) fn is_awaited(view: SnapshotView<'_>, address: IpAddr) -> bool {
    is_wanted(view, address)
        && !view.snapshot.facts::<kind::ReferencePort>().any(|reference| reference.address == address)
}

/// The port that took a connection, and how long that took.
pub(super) fn opened(snapshot: &Snapshot, address: IpAddr) -> Option<(SocketAddr, Duration)> {
    let reference = snapshot.facts::<kind::ReferencePort>().find(|reference| reference.address == address)?;
    let took = Duration::try_from_secs_f64(reference.took_ms / 1000.0).unwrap_or_default();
    (reference.taken == Some(true)).then_some((SocketAddr::new(address, reference.port), took))
}

/// Whether every port of an address that is checked is stopped without a word, none of them is the likeliest, and no other address
/// of the family shows the path.
fn is_wanted(view: SnapshotView<'_>, address: IpAddr) -> bool {
    let of_family = |tracked: &&TrackedAttempt| tracked.attempt.address.is_ipv6() == address.is_ipv6();
    let any_connects = view.snapshot.attempts.iter().filter(of_family).any(|tracked| tracked.attempt.connect.is_ok());
    let mut attempts = view.snapshot.attempts.iter().filter(|tracked| tracked.attempt.address == address).peekable();
    !address.is_loopback()
        && !any_connects
        && attempts.peek().is_some()
        && attempts.all(|tracked| endpoint(tracked).port() != HTTPS_PORT && is_stopped(view, tracked))
}

fn is_stopped(view: SnapshotView<'_>, tracked: &TrackedAttempt) -> bool {
    match tracked.attempt.connect.failure() {
        Some(failure) => failure.is_without_a_word(),
        None => view.waits_at(tracked, Stage::Connect).is_some_and(|waited| waited >= NOTEWORTHY_WAIT),
    }
}
