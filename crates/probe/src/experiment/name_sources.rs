//! What this machine's own files have to do with the name: where something fails, the name may lead elsewhere on their
//! account. Nothing is sent.

use std::{net::SocketAddr, time::Duration};

use super::{
    Experiment,
    snapshot_view::{SnapshotView, looks_up_the_name},
};
use crate::{
    context::run_context::RunContext,
    net::{dns, os, thread::blocking},
    observation::NameSources,
    resolve::own_queries,
};

/// Limits reading the files: they are small, and local unless something is badly wrong with this machine.
const LOCAL_FILES_TIMEOUT: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan;

impl Experiment for Plan {
    type Facts = NameSources;

    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        (looks_up_the_name(view) && (view.is_failing() || view.was_slow_to_resolve())).then_some(Self).into_iter()
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<NameSources> {
        let name = context.target.host.name()?.to_owned();
        let servers = own_queries::servers(context.settings);
        let reading = blocking(move || read(&name, &servers));
        match context.control.within(LOCAL_FILES_TIMEOUT, reading).await {
            Ok(Ok(sources)) => Some(sources),
            // The thread is abandoned with its file.
            _ => Some(NameSources::default()),
        }
    }
}

fn read(name: &str, servers: &[SocketAddr]) -> NameSources {
    let config = os::resolver_config().unwrap_or_default();
    let forwarder = servers.iter().find(|server| server.ip().is_loopback());
    let upstreams = forwarder.map(|server| dns::addresses_of(&os::servers_behind(server.ip()))).unwrap_or_default();
    NameSources {
        hosts_file: os::hosts_file(name),
        search: config.search,
        ndots: config.ndots,
        upstreams: upstreams.into_iter().filter(|server| !server.ip().is_loopback()).collect(),
        services: os::name_services(),
    }
}
