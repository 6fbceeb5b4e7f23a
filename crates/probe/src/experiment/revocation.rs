//! Whom devices ask that check whether certificates are revoked: one request in clear to each, and only where the user wants
//! to know. Their names come from a chain that leads to a root which the device trusts, of a peer that has shown its key.

use std::{
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use futures_util::{StreamExt, future::join_all, stream::FuturesUnordered};

use super::{
    Concurrency, Experiment,
    dns_queries::{addresses_of, ask_configured},
    http_get::head,
    snapshot_view::SnapshotView,
};
use crate::{
    context::run_context::RunContext,
    net::{connect, guard, response::NoResponse, run_control::Timeout, transport::Transport},
    observation::{
        ConnectFailure, Ending, Outcome, ResolveFailure, Revocation, RevocationAddress, RevocationReply,
        RevocationServer, StageResult, millis, revocation_addresses,
    },
    resolve::lookup,
};

/// Limits the lookup of the name. A slower resolver keeps a device waiting, too.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(4);
/// Limits the wait for the answer once the connection is established.
const HTTP_ANSWER_TIMEOUT: Duration = Duration::from_secs(3);

/// Limits all of it, a hedged handshake included, and also the wait for the same answer in another run.
const EXPERIMENT_TIMEOUT: Duration = Duration::from_secs(15);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    addresses: Vec<RevocationAddress>,
}

impl Experiment for Plan {
    type Facts = Revocation;

    /// Only where the user asks for it: nothing is wrong here.
    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        let ended = view.ended().filter(|tracked| view.companions && tracked.attempt.tls.is_ok());
        let addresses = revocation_addresses(ended.filter_map(|tracked| tracked.attempt.tls.evidence()));
        (!addresses.is_empty()).then_some(Self { addresses }).into_iter()
    }

    /// Once all else has ended, when all chains are known that will be.
    fn concurrency(&self, _: SnapshotView<'_>) -> Concurrency {
        Concurrency::Alone
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<Revocation> {
        let servers = join_all(self.addresses.iter().map(|address| ask(context, address))).await;
        Some(Revocation { servers })
    }
}

/// Asks, unless the run of another hub has just done so.
async fn ask(context: &RunContext<'_>, server: &RevocationAddress) -> RevocationServer {
    let answer = context.settings.shared.revocation_answer(
        &server.host,
        server.port,
        context.settings.families,
        &context.settings.resolvers,
    );
    let query = answer.get_or_try_init(|| async {
        let found = ask_now(context, server).await;
        // What one run has no time for, or must not do, another may.
        let is_of_this_run = matches!(found.reply, RevocationReply::Cancelled | RevocationReply::NotAsked);
        if is_of_this_run { Err(found) } else { Ok(found) }
    });
    let found = match context.control.within(EXPERIMENT_TIMEOUT, query).await {
        Ok(Ok(found)) => found.clone(),
        Ok(Err(found)) => found,
        Err(_) => revocation_server(server, Instant::now(), None, RevocationReply::Cancelled),
    };
    RevocationServer { services: server.services.clone(), ..found }
}

async fn ask_now(context: &RunContext<'_>, server: &RevocationAddress) -> RevocationServer {
    let began = Instant::now();
    let (address, reply) = match addresses(context, server).await {
        Err(reply) => (None, reply),
        Ok(addresses) => ask_any(context, server, &addresses).await,
    };
    revocation_server(server, began, address, reply)
}

fn revocation_server(
    server: &RevocationAddress,
    began: Instant,
    address: Option<IpAddr>,
    reply: RevocationReply,
) -> RevocationServer {
    let RevocationAddress { host, port, services, .. } = server;
    let (host, services) = (host.to_string(), services.clone());
    RevocationServer { host, port: *port, services, address, duration_ms: millis(began.elapsed()), reply }
}

/// The first address of each family at which it may be asked.
async fn addresses(context: &RunContext<'_>, server: &RevocationAddress) -> Result<Vec<IpAddr>, RevocationReply> {
    let found = match server.host.name() {
        None => server.host.to_string().parse().into_iter().collect(),
        Some(name) => look_up(context, name).await?,
    };
    let families = context.settings.families;
    let of_family = |v6| found.iter().find(move |address| address.is_ipv6() == v6 && families.include(**address));
    let first: Vec<IpAddr> = [of_family(false), of_family(true)].into_iter().flatten().copied().collect();
    if first.is_empty() {
        return Err(RevocationReply::NotResolved { failure: ResolveFailure::NoAddress });
    }
    let snapshot = context.state.snapshot();
    let is_the_hubs = |address| snapshot.attempts.iter().any(|tracked| tracked.attempt.address == address);
    let may_be_asked = |address: &IpAddr| is_the_hubs(*address) || guard::first_inner(&[*address]).is_none();
    let first: Vec<IpAddr> = first.into_iter().filter(may_be_asked).collect();
    if first.is_empty() { Err(RevocationReply::NotAsked) } else { Ok(first) }
}

/// As the hub's own name is looked up.
async fn look_up(context: &RunContext<'_>, name: &str) -> Result<Vec<IpAddr>, RevocationReply> {
    let failed = |failure| RevocationReply::NotResolved { failure };
    if context.settings.resolvers.is_empty() {
        let resolution = lookup::look_up(context.control, LOOKUP_TIMEOUT, name).await;
        return match (resolution.outcome, resolution.failure) {
            (Outcome::Ok, _) => Ok(resolution.addresses),
            (_, Some(failure)) => Err(failed(failure)),
            (_, None) => Err(RevocationReply::Cancelled),
        };
    }
    match context.control.within(LOOKUP_TIMEOUT, ask_configured(context, addresses_of(name.to_owned()))).await {
        Ok(Some(dns)) => {
            let found: Vec<IpAddr> = dns.queries.iter().flat_map(|query| query.addresses()).copied().collect();
            if found.is_empty() { Err(failed(lookup::denial(&dns))) } else { Ok(found) }
        }
        Err(Timeout::Stage) => Err(failed(ResolveFailure::TimedOut)),
        Ok(None) | Err(Timeout::Run) => Err(RevocationReply::Cancelled),
    }
}

/// The first answer, else what the first address came to; what this machine has no route to only where there is no other.
async fn ask_any(
    context: &RunContext<'_>,
    server: &RevocationAddress,
    addresses: &[IpAddr],
) -> (Option<IpAddr>, RevocationReply) {
    let queries = addresses.iter().map(|address| async move { (*address, ask_at(context, server, *address).await) });
    let mut queries: FuturesUnordered<_> = queries.collect();
    let mut failed = Vec::new();
    while let Some((address, reply)) = queries.next().await {
        if matches!(reply, RevocationReply::Answered { .. }) {
            return (Some(address), reply);
        }
        failed.push((address, reply));
    }
    let no_route =
        |reply: &RevocationReply| matches!(reply, RevocationReply::NotConnected { failure: ConnectFailure::NoRoute });
    let first = failed.into_iter().min_by_key(|(address, reply)| (no_route(reply), address.is_ipv6()));
    first.map_or((None, RevocationReply::NotAsked), |(address, reply)| (Some(address), reply))
}

async fn ask_at(context: &RunContext<'_>, server: &RevocationAddress, address: IpAddr) -> RevocationReply {
    let tcp = match connect::connect(context.control, SocketAddr::new(address, server.port)).await {
        (StageResult::Failed { failure, .. }, _) => return RevocationReply::NotConnected { failure },
        (_, Some(tcp)) => tcp,
        (_, None) => return RevocationReply::Cancelled,
    };
    let mut transport = Transport::clear(tcp);
    // What is there is not wanted: a list of what is revoked can be megabytes long.
    let request = head(&mut transport, &server.path, &server.host, server.port);
    let answer = context.control.within(HTTP_ANSWER_TIMEOUT, request).await;
    transport.close().await;
    match answer {
        Ok(Ok(response)) => RevocationReply::Answered { response },
        Ok(Err(NoResponse::NotHttp(first_bytes) | NoResponse::TooLarge(first_bytes))) => {
            RevocationReply::NotHttp { first_bytes }
        }
        Ok(Err(NoResponse::Ended(Ending::Reset))) => RevocationReply::Reset,
        Ok(Err(NoResponse::Ended(_))) => RevocationReply::Closed,
        Err(Timeout::Stage) => RevocationReply::Silent,
        Err(Timeout::Run) => RevocationReply::Cancelled,
    }
}
