//! Which proxy is set for a hub, and which hubs it is not for. Pure: the caller reads the environment.

mod credentials;
mod environment;
mod exception;
mod no_proxy;
mod parse;

use std::fmt;

use super::HubHost;
use crate::enum_words;

pub use credentials::ProxyCredentials;
pub use environment::{Exemption, Named, ProxyEnvironment};
pub use no_proxy::NoProxy;
pub use parse::ProxyError;

enum_words! {
    /// How a proxy is spoken to.
    pub enum ProxyScheme {
        /// HTTP CONNECT, in clear.
        Http = "http",
        /// HTTP CONNECT, inside TLS with the proxy.
        Https = "https",
        /// SOCKS5 (RFC 1928) with an address: this machine resolves the hub's name.
        Socks5 = "socks5",
        /// SOCKS5 with a name: the proxy resolves it.
        Socks5h = "socks5h",
    }
    read as "scheme of a proxy" or UnknownProxyScheme
}

impl ProxyScheme {
    /// The port of a proxy that names none: 80, 443, and 1080 for SOCKS, as in Python's requests, Go, .NET and Node.
    /// curl alone assumes 1080 for `http` too.
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
            Self::Socks5 | Self::Socks5h => 1080,
        }
    }

    /// Whether it is SOCKS, not HTTP.
    pub const fn is_socks(self) -> bool {
        matches!(self, Self::Socks5 | Self::Socks5h)
    }
}

/// A proxy. [`Display`](fmt::Display) and `Debug` never show its credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    scheme: ProxyScheme,
    host: HubHost,
    port: u16,
    credentials: Option<ProxyCredentials>,
}

impl Proxy {
    /// How it is spoken to.
    pub const fn scheme(&self) -> ProxyScheme {
        self.scheme
    }

    /// Its name or address.
    pub const fn host(&self) -> &HubHost {
        &self.host
    }

    /// Its port, never 0.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Who this machine is to the proxy.
    pub const fn credentials(&self) -> Option<&ProxyCredentials> {
        self.credentials.as_ref()
    }

    /// `host:port`, with an IPv6 address in brackets.
    pub fn address(&self) -> String {
        format!("{}:{}", self.host.in_url(), self.port)
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}://{}", self.scheme, self.address()))
    }
}
