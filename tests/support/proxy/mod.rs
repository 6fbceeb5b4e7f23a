//! A proxy on loopback, for tests: HTTP CONNECT or SOCKS5, with the manners of real proxies, and in every way in which
//! one can fail. It records what it was asked. It connects to loopback only.
//!
//! Include it with `#[path = "../support/proxy/mod.rs"] mod proxy;`.

#![allow(dead_code, unused_imports, reason = "no test uses all of it")]
#![allow(clippy::expect_used, reason = "a test fails by panicking, in its helpers too")]

mod behaviour;
mod http;
mod instead;
mod line;
mod record;
mod rules;
mod socks;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

pub use behaviour::{Behaviour, Bound, HttpManners, Instead, Page, Protocol, SocksManners, Step};
pub use record::{Asked, Connection};
pub use rules::Rules;

use line::Line;
use record::{Entry, Record};
use rustls::{ServerConfig, crypto::aws_lc_rs};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinSet},
};
use tokio_rustls::TlsAcceptor;

/// A running proxy. When it is dropped, it stops with all its tunnels.
pub struct Proxy {
    address: SocketAddr,
    has_tls: bool,
    protocol: Protocol,
    record: Record,
    task: AbortHandle,
}

impl Proxy {
    /// Starts one on a free port of 127.0.0.1.
    pub async fn start(behaviour: Behaviour) -> Self {
        Self::start_at((Ipv4Addr::LOCALHOST, 0).into(), behaviour).await
    }

    /// Starts one at this address.
    pub async fn start_at(address: SocketAddr, behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind(address).await.expect("loopback has free ports");
        let address = listener.local_addr().expect("bound");
        let (has_tls, protocol) = (behaviour.tls.is_some(), behaviour.protocol);
        let record = Record::default();
        let task = tokio::spawn(serve(listener, Arc::new(behaviour), record.clone())).abort_handle();
        Self { address, has_tls, protocol, record, task }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// As `--proxy` takes it, without credentials.
    pub fn url(&self) -> String {
        self.url_with("")
    }

    /// The same, with `user:password`, percent-encoded by the caller.
    pub fn url_for(&self, user_info: &str) -> String {
        self.url_with(&format!("{user_info}@"))
    }

    fn url_with(&self, user_info: &str) -> String {
        let scheme = match (self.protocol, self.has_tls) {
            (Protocol::Http, false) => "http",
            (Protocol::Http, true) => "https",
            (Protocol::Socks5, _) => "socks5h",
        };
        format!("{scheme}://{user_info}{}", self.address)
    }

    /// Every connection so far, in the order in which they came.
    pub fn connections(&self) -> Vec<Connection> {
        self.record.connections()
    }

    /// Everything that was asked for, connection by connection.
    pub fn asked(&self) -> Vec<Asked> {
        self.connections().into_iter().flat_map(|connection| connection.asked).collect()
    }

    /// The targets that were asked for, sorted, each once.
    pub fn targets(&self) -> Vec<String> {
        let mut targets: Vec<String> = self.asked().into_iter().map(|asked| asked.target).collect();
        targets.sort();
        targets.dedup();
        targets
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An address of loopback at which nothing listens.
pub fn dead() -> SocketAddr {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has free ports");
    listener.local_addr().expect("bound")
}

async fn serve(listener: TcpListener, behaviour: Arc<Behaviour>, record: Record) {
    // Dropped with this task, and all connections with it.
    let mut connections = JoinSet::new();
    while let Ok((tcp, _)) = listener.accept().await {
        let (behaviour, entry) = (behaviour.clone(), record.connection());
        connections.spawn(async move {
            // It ends when the other end is gone.
            let _ = converse(tcp, &behaviour, entry).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn converse(tcp: TcpStream, behaviour: &Behaviour, entry: Entry) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    if let Some(instead) = behaviour.instead_at(Step::Accept) {
        return instead::perform(Line::new(tcp, behaviour, entry), instead).await;
    }
    let mut line = match &behaviour.tls {
        None => Line::new(tcp, behaviour, entry),
        Some(identity) => {
            let provider = Arc::new(aws_lc_rs::default_provider());
            let mut config = ServerConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .and_then(|builder| {
                    let builder = builder.with_no_client_auth();
                    builder.with_single_cert(identity.chain.clone(), identity.key.clone_key())
                })
                .map_err(io::Error::other)?;
            config.alpn_protocols = vec![b"http/1.1".to_vec()];
            let accepted = TlsAcceptor::from(Arc::new(config)).accept(tcp).await;
            entry.change(|connection| connection.has_tls = accepted.is_ok());
            let tls = accepted?;
            let server_name = tls.get_ref().1.server_name().map(str::to_owned);
            entry.change(|connection| connection.server_name = server_name);
            Line::new(tls, behaviour, entry)
        }
    };
    let granted = match behaviour.protocol {
        Protocol::Http => http::converse(&mut line, behaviour).await?,
        Protocol::Socks5 => socks::converse(&mut line, behaviour).await?,
    };
    match granted {
        Granted::Tunnel(upstream) => line.carry(upstream).await,
        Granted::Instead(instead) => instead::perform(line, instead).await,
        Granted::Nothing => {
            line.stream.shutdown().await?;
            // What still comes must not turn into a reset, which would take the answer with it.
            line.wait().await
        }
    }
}

/// How the conversation with the proxy itself ends.
enum Granted<'b> {
    /// With a tunnel.
    Tunnel(TcpStream),
    /// With something else than an answer.
    Instead(&'b Instead),
    /// With a refusal, after which the connection is closed.
    Nothing,
}
