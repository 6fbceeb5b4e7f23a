//! What a proxy lets through, and where its targets are.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
};

use tokio::net::TcpStream;

#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// The ports that are allowed, if not all.
    pub ports: Option<Vec<u16>>,
    /// Names and addresses that are refused, in lower case.
    pub refused: Vec<String>,
    /// User and password.
    pub login: Option<(String, String)>,
    /// Refuses a port before it asks for credentials, as squid's default rules do.
    pub ports_first: bool,
    /// Where the proxy says that a name is. It knows no other names.
    pub names: HashMap<String, IpAddr>,
    /// Where a target as it is asked for, `hub.test:8883`, really leads; before all names.
    pub leads: HashMap<String, SocketAddr>,
}

impl Rules {
    pub fn only_ports(mut self, ports: &[u16]) -> Self {
        self.ports = Some(ports.to_vec());
        self
    }

    pub fn refusing(mut self, host: &str) -> Self {
        self.refused.push(host.to_owned());
        self
    }

    pub fn with_login(mut self, user: &str, password: &str) -> Self {
        self.login = Some((user.to_owned(), password.to_owned()));
        self
    }

    pub fn resolving(mut self, name: &str, to: IpAddr) -> Self {
        self.names.insert(name.to_owned(), to);
        self
    }

    pub fn leading(mut self, target: &str, to: SocketAddr) -> Self {
        self.leads.insert(target.to_owned(), to);
        self
    }

    pub(super) fn admits(&self, login: Option<&(String, String)>) -> bool {
        self.login.is_none() || self.login.as_ref() == login
    }

    /// Where `host:port` is, if it is allowed and known. An IPv6 address has no brackets here.
    pub(super) fn locate(&self, host: &str, port: u16) -> Result<SocketAddr, Refusal> {
        if self.ports.as_ref().is_some_and(|ports| !ports.contains(&port)) {
            return Err(Refusal::Port);
        }
        if self.refused.iter().any(|refused| refused == host) {
            return Err(Refusal::Host);
        }
        let known = || self.names.get(host).copied().or_else(|| host.parse().ok());
        let leads = self.leads.get(&format!("{host}:{port}")).copied();
        leads.or_else(|| Some(SocketAddr::new(known()?, port))).ok_or(Refusal::Unresolved)
    }

    /// Connects to loopback; not a packet is sent elsewhere.
    pub(super) async fn connect(to: SocketAddr) -> Result<TcpStream, Refusal> {
        if !to.ip().is_loopback() {
            return Err(Refusal::Unreachable);
        }
        let stream = TcpStream::connect(to).await.map_err(|_| Refusal::Refused)?;
        stream.set_nodelay(true).map_err(|_| Refusal::Refused)?;
        Ok(stream)
    }
}

/// Why there is no tunnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    Port,
    Host,
    Unresolved,
    Unreachable,
    Refused,
}
