//! A hello as large as post-quantum key exchange makes it, beside a small one, where all is well: tomorrow's devices send
//! it, and some boxes drop what does not fit into one segment.

use std::net::{IpAddr, SocketAddr};

use super::{Trial, hello::Hello, view::View};
use crate::{observation::Hellos, probe::Bench};

/// Only where the user asks for it: nothing is wrong here.
pub(super) fn wanted(view: View<'_>) -> impl Iterator<Item = Trial> {
    let well = view.ended().filter(|climb| climb.attempt.tls.is_ok());
    well.map(|climb| Trial::HelloSize(climb.attempt.address, climb.check.endpoint.port))
}

/// In turn, and twice: a lost packet is nobody's fault.
pub(super) async fn perform(bench: &Bench<'_>, address: IpAddr, port: u16) -> Option<Hellos> {
    let roots = bench.board.roots()?;
    let usual = Hello::usual(bench);
    let mut trials = Vec::new();
    for large in [false, true, false, true] {
        trials.push(Hello { large, ..usual }.send(bench, &roots, SocketAddr::new(address, port)).await);
    }
    Some(Hellos { address, port, trials })
}
