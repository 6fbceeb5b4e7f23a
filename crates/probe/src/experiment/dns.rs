//! The hub's name, asked for at each name server apart: `getaddrinfo` merges what they say, and may say it of another name.

use std::net::SocketAddr;

use super::{
    Experiment,
    dns_queries::ask,
    snapshot_view::{SnapshotView, is_by_name, looks_up_the_name},
};
use crate::{
    context::run_context::RunContext,
    net::dns::{Form, Question},
    observation::{Dns, DnsQuery, DnsRecord, Outcome, Resolution, ResolutionSource, Snapshot, kind},
    resolve::own_queries,
};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan;

impl Experiment for Plan {
    type Facts = Dns;

    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        // The servers behind a forwarder are asked too, where this machine's files name them.
        let knows_whom = !looks_up_the_name(view) || view.snapshot.facts::<kind::NameSources>().next().is_some();
        let wanted = is_by_name(view)
            && (view.is_failing() || view.was_slow_to_resolve())
            && knows_whom
            && !view.snapshot.asking;
        wanted.then_some(Self).into_iter()
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<Dns> {
        let name = context.target.host.name()?;
        let snapshot = context.state.snapshot();
        let servers = servers_and_those_behind(own_queries::servers(context.settings), &snapshot);
        let before: Vec<DnsQuery> = snapshot.facts::<kind::Dns>().flat_map(|dns| dns.queries.clone()).collect();
        let mut answers =
            ask(context, questions(name, Form::Edns, &servers, &before, |queries| queries.is_empty())).await;
        let so_far: Vec<DnsQuery> = before.iter().chain(answers.iter().flat_map(|dns| &dns.queries)).cloned().collect();
        // Is it the validation that fails?
        let mut further = questions(name, Form::CheckingDisabled, &servers, &so_far, fails);
        let failed = |resolution: &Resolution| {
            resolution.outcome == Outcome::Failed || resolution.source == ResolutionSource::OwnQueries
        };
        if snapshot.resolution.as_ref().is_some_and(failed) {
            // Is it the question as most systems' resolvers ask it?
            further.extend(questions(name, Form::Plain, &servers, &so_far, is_answered_with_edns_alone));
        }
        if let Some(further) = ask(context, further).await {
            answers.get_or_insert_default().queries.extend(further.queries);
        }
        answers
    }
}

fn servers_and_those_behind(mut servers: Vec<SocketAddr>, snapshot: &Snapshot) -> Vec<SocketAddr> {
    for behind in snapshot.facts::<kind::NameSources>().flat_map(|sources| &sources.upstreams) {
        if !servers.contains(behind) {
            servers.push(*behind);
        }
    }
    servers
}

/// A question for each server and record type of which what was asked so far is as `wanted`.
fn questions(
    name: &str,
    form: Form,
    servers: &[SocketAddr],
    queries: &[DnsQuery],
    wanted: impl Fn(&[&DnsQuery]) -> bool,
) -> Vec<(SocketAddr, Question)> {
    let mut questions = Vec::new();
    for (server, record) in servers.iter().flat_map(|server| [(server, DnsRecord::A), (server, DnsRecord::Aaaa)]) {
        let here = queries.iter().filter(|query| query.server == *server && query.record == record);
        if wanted(&here.collect::<Vec<_>>()) {
            questions.push((*server, Question { name: name.to_owned(), record, form }));
        }
    }
    questions
}

/// Whether the server answers, and only that it fails or refuses.
fn fails(queries: &[&DnsQuery]) -> bool {
    let mut replies = queries.iter().filter_map(|query| query.reply()).peekable();
    replies.peek().is_some() && replies.all(|reply| reply.is_refusal())
}

fn is_answered_with_edns_alone(queries: &[&DnsQuery]) -> bool {
    queries.iter().any(|query| !query.addresses().is_empty()) && queries.iter().all(|query| query.edns)
}
