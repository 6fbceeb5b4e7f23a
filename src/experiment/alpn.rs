//! The same hello with its application protocol (ALPN, RFC 7301), with the one that every browser has, and with none: some
//! firewalls let out only what they know.

use std::net::{IpAddr, SocketAddr};

use super::{
    Trial,
    hello::{self, Hello},
    view::{View, is_stopped_by_hello},
};
use crate::{observation::Hellos, probe::Bench};

/// What no firewall minds.
const COMMON: &str = "http/1.1";

pub(super) fn wanted(view: View<'_>) -> impl Iterator<Item = Trial> {
    let stopped = view.situation.climbs.iter().filter(move |climb| is_stopped_by_hello(view, climb));
    stopped.filter_map(|climb| {
        let endpoint = &climb.check.endpoint;
        Some(Trial::Alpn(climb.attempt.address, endpoint.port, endpoint.alpn?))
    })
}

pub(super) async fn perform(bench: &Bench<'_>, address: IpAddr, port: u16, own: &str) -> Option<Hellos> {
    let usual = Hello::usual(bench);
    let hellos = [Some(own), Some(COMMON), None].map(|alpn| Hello { alpn, ..usual });
    hello::twice(bench, SocketAddr::new(address, port), hellos).await
}
