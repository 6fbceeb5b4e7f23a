//! Names that nobody has: where something else than the hub answers at the address, a name server that has an address for
//! every name sent us there.

use std::cell::RefCell;

use super::{Experiment, portal, view::View};
use crate::{
    observation::{Dns, DnsRecord, Outcome},
    probe::{Bench, dns, random},
};

/// Known to have these addresses and no others: 192.0.0.170 and 192.0.0.171 (RFC 7050).
const WELL_KNOWN: &str = "ipv4only.arpa";

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan;

impl Experiment for Plan {
    type Facts = Dns;

    fn wanted(view: View<'_>) -> impl Iterator<Item = Self> {
        let by_name = view.situation.resolution.as_ref().is_some_and(|resolution| resolution.outcome == Outcome::Ok);
        let foreign = view.ended().any(portal::is_foreign);
        (by_name && foreign).then_some(Self).into_iter()
    }

    async fn perform(&self, bench: &Bench<'_>) -> Option<Dns> {
        let host = bench.target.host.name()?;
        let servers = dns::servers(bench.settings);
        if servers.is_empty() {
            return None;
        }
        // Beside the hub; a domain may have an honest record for every name below it, `.invalid` has none (RFC 6761).
        let beside = host.split_once('.').map(|(_, domain)| format!("{}.{domain}", random::name()));
        let nowhere = format!("{}.invalid", random::name());
        let names = beside.as_deref().into_iter().chain([nowhere.as_str(), WELL_KNOWN]);
        let questions: Vec<_> = names.map(|name| (name, DnsRecord::A)).collect();
        let seen = RefCell::new(Dns::default());
        let tell = |query| seen.borrow_mut().queries.push(query);
        dns::ask_all(bench.run, &servers, &questions, tell).await;
        Some(seen.into_inner())
    }
}
