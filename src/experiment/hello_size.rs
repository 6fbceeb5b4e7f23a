//! A hello as large as post-quantum key exchange makes it, beside a small one, where all is well: tomorrow's devices send
//! it, and some boxes drop what does not fit into one segment.

use std::net::{IpAddr, SocketAddr};

use super::{
    Trial,
    hello::{self, Hello},
    view::View,
};
use crate::{
    observation::{Answer, HelloTrial, Hellos},
    probe::Bench,
};

/// Only where the user asks for it: nothing is wrong here.
pub(super) fn wanted(view: View<'_>) -> impl Iterator<Item = Trial> {
    let well = view.ended().filter(|climb| climb.attempt.tls.is_ok());
    well.map(|climb| Trial::HelloSize(climb.attempt.address, climb.check.endpoint.port))
}

pub(super) async fn perform(bench: &Bench<'_>, address: IpAddr, port: u16) -> Option<Hellos> {
    let (usual, peer) = (Hello::usual(bench), SocketAddr::new(address, port));
    let large = Hello { large: true, ..usual };
    match hello::once(bench, peer, large).await {
        // What passes needs no comparison.
        Some(hellos) if hellos.trials.iter().all(was_read) => Some(hellos),
        _ => hello::twice(bench, peer, [usual, large]).await,
    }
}

/// Whoever refuses it by an alert has read it.
fn was_read(trial: &HelloTrial) -> bool {
    matches!(trial.answer, Answer::ServerHello { .. } | Answer::Alert { .. } | Answer::NotTls { .. })
}
