//! The system's resolver asked again, where it had no answer when the name servers had given theirs: whether it is slow, or
//! was so once.

use std::time::Duration;

use super::{
    Experiment,
    dns_queries::{addresses_of, ask_configured},
    snapshot_view::{SnapshotView, looks_up_the_name},
};
use crate::{
    context::run_context::RunContext,
    observation::{DnsAnswer, Lookup, ResolutionSource, kind},
    resolve::lookup,
};

/// Limits the lookup by the system. A resolver waits five seconds for the first of its servers.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(6);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan;

impl Experiment for Plan {
    type Facts = Lookup;

    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        let mut queries = view.snapshot.facts::<kind::Dns>().flat_map(|dns| &dns.queries).peekable();
        let by_system = view.snapshot.resolution.as_ref().is_some_and(|it| it.source == ResolutionSource::System);
        // Where a server is silent while others answer, that is why.
        let all_answer =
            queries.peek().is_some() && queries.all(|query| matches!(query.answer, DnsAnswer::Answered(_)));
        let may_tell = (by_system || all_answer) && !view.snapshot.asking;
        let wanted = looks_up_the_name(view) && view.was_slow_to_resolve() && may_tell;
        wanted.then_some(Self).into_iter()
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<Lookup> {
        let name = context.target.host.name()?;
        let asking = ask_configured(context, addresses_of(name.to_owned()));
        let (system, servers) = tokio::join!(lookup::look_up(context.control, LOOKUP_TIMEOUT, name), asking);
        Some(Lookup { system, servers: servers? })
    }
}
