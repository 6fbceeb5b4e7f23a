//! The same address and port with the hub's name, another name and none: a filter that reads the name gives itself away.

use std::net::{IpAddr, SocketAddr};

use super::{
    Trial,
    hello::{self, Hello, NEUTRAL},
    view::{View, is_stopped_by_hello},
};
use crate::{observation::Hellos, probe::Bench};

pub(super) fn wanted(view: View<'_>) -> impl Iterator<Item = Trial> {
    let stopped = view.situation.climbs.iter().filter(move |climb| is_stopped_by_hello(view, climb));
    stopped.map(|climb| Trial::ServerName(climb.attempt.address, climb.check.endpoint.port))
}

pub(super) async fn perform(bench: &Bench<'_>, address: IpAddr, port: u16) -> Option<Hellos> {
    let usual = Hello::usual(bench);
    // Without a name there is nothing to compare.
    let own = usual.name?;
    let hellos = [Some(own), Some(NEUTRAL), None].map(|name| Hello { name, ..usual });
    hello::twice(bench, SocketAddr::new(address, port), hellos).await
}
