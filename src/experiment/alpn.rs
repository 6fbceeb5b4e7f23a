//! The same hello with its application protocol (ALPN, RFC 7301), with the one that every browser has, and with none: some
//! firewalls let out only what they know.

use std::net::SocketAddr;

use super::{
    Experiment,
    hello::{self, Hello},
    view::{View, endpoint, is_stopped_by_hello},
};
use crate::{observation::Hellos, probe::Bench};

/// What no firewall minds.
const COMMON: &str = "http/1.1";

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    peer: SocketAddr,
    own: &'static str,
}

impl Experiment for Plan {
    type Facts = Hellos;

    fn wanted(view: View<'_>) -> impl Iterator<Item = Self> {
        let stopped = view.situation.attempts.iter().filter(move |tracked| is_stopped_by_hello(view, tracked));
        stopped.filter_map(|tracked| Some(Self { peer: endpoint(tracked), own: tracked.check.endpoint.alpn? }))
    }

    async fn perform(&self, bench: &Bench<'_>) -> Option<Hellos> {
        let usual = Hello::usual(bench);
        let hellos = [Some(self.own), Some(COMMON), None].map(|alpn| Hello { alpn, ..usual });
        hello::twice(bench, self.peer, hellos).await
    }
}
