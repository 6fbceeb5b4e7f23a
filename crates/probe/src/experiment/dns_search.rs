//! The hub's name with the domains that the system's resolver appends: where the system says otherwise than the name servers
//! say of the name as such, or takes long, it may have found, or waited for, another name.

use super::{
    Experiment,
    dns_queries::{addresses_of, ask_configured},
    snapshot_view::{SnapshotView, looks_up_the_name},
};
use crate::{
    context::run_context::RunContext,
    observation::{Dns, NameSources, Outcome, kind},
};

/// As many domains as older resolvers append at most; an answer by a later one would come late anyway.
const MAX_DOMAINS: usize = 6;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    domains: Vec<String>,
}

impl Experiment for Plan {
    type Facts = Dns;

    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        let sources = view.snapshot.facts::<kind::NameSources>().next().filter(|sources| !sources.search.is_empty());
        let wanted = looks_up_the_name(view) && (says_otherwise(view) || view.was_slow_to_resolve());
        let plan = |sources: &NameSources| Self { domains: sources.search.iter().take(MAX_DOMAINS).cloned().collect() };
        sources.filter(|_| wanted).map(plan).into_iter()
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<Dns> {
        let host = context.target.host.name()?;
        let names = self.domains.iter().map(|domain| format!("{host}.{domain}"));
        ask_configured(context, names.flat_map(addresses_of)).await
    }
}

/// Whether the system gave an address that no name server gave for the name as such, though they were asked.
fn says_otherwise(view: SnapshotView<'_>) -> bool {
    let queries: Vec<_> = view.snapshot.facts::<kind::Dns>().flat_map(|dns| &dns.queries).collect();
    let by_servers = |address| queries.iter().any(|query| query.addresses().contains(address));
    let resolution = view.snapshot.resolution.as_ref().filter(|resolution| resolution.outcome == Outcome::Ok);
    let system = resolution.map(|resolution| resolution.addresses.as_slice()).unwrap_or_default();
    !queries.is_empty() && system.iter().any(|address| !by_servers(address))
}
