//! Names that do not exist, and one whose addresses are well known: how a name server answers for them shows whether
//! its answer for the hub's name can be trusted.

use std::iter;

use super::{
    Experiment,
    dns_queries::ask_configured,
    portal,
    snapshot_view::{SnapshotView, is_by_name},
};
use crate::{
    context::run_context::RunContext,
    net::random,
    observation::{Dns, DnsRecord, DnsReply, Outcome, kind},
};

/// Known to have the addresses 192.0.0.170 and 192.0.0.171 and no others, but such as a NAT64 makes of them (RFC 7050).
const WELL_KNOWN: &str = "ipv4only.arpa";

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan;

impl Experiment for Plan {
    type Facts = Dns;

    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        let doubted = match view.snapshot.resolution.as_ref().map(|resolution| resolution.outcome) {
            Some(Outcome::Ok) => view.is_failing() || view.ended().any(portal::is_foreign),
            // Whether they fail for all names. Servers that are silent to one question are to others.
            Some(Outcome::Failed) => view
                .snapshot
                .facts::<kind::Dns>()
                .flat_map(|dns| &dns.queries)
                .any(|query| query.reply().is_some_and(DnsReply::is_refusal)),
            _ => false,
        };
        (is_by_name(view) && doubted).then_some(Self).into_iter()
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<Dns> {
        let host = context.target.host.name()?;
        // A domain may have a wildcard record; `.invalid` has none (RFC 6761).
        let beside = host.split_once('.').map(|(_, domain)| format!("{}.{domain}", random::name()));
        let nowhere = format!("{}.invalid", random::name());
        let names = beside.into_iter().chain(iter::once(nowhere)).map(|name| (name, DnsRecord::A));
        let well_known = [DnsRecord::A, DnsRecord::Aaaa].map(|record| (WELL_KNOWN.to_owned(), record));
        ask_configured(context, names.chain(well_known)).await
    }
}
