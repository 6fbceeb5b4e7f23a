//! One attempt through the proxy, stage by stage: TCP with the proxy, its consent, and from there on the stages of any attempt.

use std::net::{IpAddr, SocketAddr};

use super::stage_runner::{Record, StageRunner, begun};
use crate::{
    context::run_state::RunState,
    hub::{Check, Depth, Endpoint, HubHost, Protocol, Proxy, ProxyScheme, Route},
    net::{
        connect,
        tls::{Patience, Versions},
        tunnel::{self, Request},
    },
    observation::{Attempt, Stage, StageResult},
};

/// What every attempt through the proxy shares.
#[derive(Clone, Copy)]
pub(crate) struct ProxiedRunner<'a> {
    pub(crate) runner: StageRunner<'a>,
    pub(crate) proxy: &'a Proxy,
    /// An address of the hub, as far as one is known, for a proxy that is given addresses.
    pub(crate) hub_address: Option<IpAddr>,
    /// Records the TCP handshakes alone, as the run of the way to the proxy.
    pub(crate) way: &'a RunState,
}

impl ProxiedRunner<'_> {
    /// Makes an attempt, and records each stage in the state of the run.
    pub(crate) async fn attempt(&self, check: &Check, address: IpAddr) -> Attempt {
        let state = self.runner.state;
        let index = state.begin(check, address);
        let record = Record { state, stage_done: None, index: Some(index) };
        // On the heap: many attempts run in one task, and a thread's stack has room for few.
        let attempt = Box::pin(self.attempt_once(check, address, &record)).await;
        state.update(index, &attempt, None);
        attempt
    }

    async fn attempt_once(&self, check: &Check, address: IpAddr, record: &Record<'_>) -> Attempt {
        let Self { runner, proxy, .. } = self;
        let mut attempt = Attempt { proxy: Some(StageResult::NotReached), ..begun(check, address) };
        let tcp;
        let on_the_way = self.way.begin(&proxy_as_check(check, proxy), address);
        (attempt.connect, tcp) = connect::connect(runner.control, SocketAddr::new(address, proxy.port())).await;
        let handshake = Attempt { connect: attempt.connect.clone(), ..Attempt::new(address) };
        self.way.update(on_the_way, &handshake, None);
        runner.tell(check, address, Stage::Connect, &attempt.connect);
        record.on_to(&attempt, Stage::Proxy);
        let (Some(tcp), Some(host)) = (tcp, self.hub_for_the_proxy()) else { return attempt };

        let request = Request { host, port: check.endpoint.port, proxy, log_in: true };
        let (consent, connection) = tunnel::open(runner.control, tcp, &request, runner.roots).await;
        runner.tell(check, address, Stage::Proxy, &consent);
        attempt.proxy = Some(consent);
        record.on_to(&attempt, Stage::Tls);
        let Some(connection) = connection.filter(|_| runner.depth > Depth::Connect) else { return attempt };

        let stream;
        (attempt.tls, stream) =
            runner.shake_hands(connection, check.endpoint.alpn, Versions::Both, Patience::Stage).await;
        // A full segment would end at the proxy.
        runner.inside_tls(check, attempt, stream, || false, record).await
    }

    /// The hub as this kind of proxy is told it; `None` if it wants an address and none is known.
    fn hub_for_the_proxy(&self) -> Option<HubHost> {
        match self.proxy.scheme() {
            ProxyScheme::Socks5 => self.hub_address.map(HubHost::Ip),
            ProxyScheme::Http | ProxyScheme::Https | ProxyScheme::Socks5h => Some(self.runner.host.clone()),
        }
    }
}

/// The proxy's own port in the place of the hub's.
pub(crate) fn proxy_as_check(check: &Check, proxy: &Proxy) -> Check {
    let endpoint = Endpoint { protocol: Protocol::Https, port: proxy.port(), path: "/".to_owned(), alpn: None };
    Check { id: check.id.clone(), endpoint, route: Route::Direct }
}
