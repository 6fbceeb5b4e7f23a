//! The same address and port with the hub's name, another name and none: a filter that reads the name gives itself away.

use std::net::{IpAddr, SocketAddr};

use futures_util::future::join_all;

use super::{
    Trial,
    hello::{Hello, NEUTRAL},
    view::{View, is_stopped_by_hello},
};
use crate::{observation::Hellos, probe::Bench};

pub(super) fn wanted(view: View<'_>) -> impl Iterator<Item = Trial> {
    let stopped = view.situation.climbs.iter().filter(move |climb| is_stopped_by_hello(view, climb));
    stopped.map(|climb| Trial::ServerName(climb.attempt.address, climb.check.endpoint.port))
}

/// All three at the same moment, and once more.
pub(super) async fn perform(bench: &Bench<'_>, address: IpAddr, port: u16) -> Option<Hellos> {
    let roots = bench.board.roots()?;
    let usual = Hello::usual(bench);
    // Without a name there is nothing to compare.
    let own = usual.name?;
    let mut trials = Vec::new();
    for _ in 0..2 {
        let names = [Some(own), Some(NEUTRAL), None];
        let hellos = names.map(|name| Hello { name, ..usual }.send(bench, &roots, SocketAddr::new(address, port)));
        trials.extend(join_all(hellos).await);
    }
    Some(Hellos { address, port, trials })
}
