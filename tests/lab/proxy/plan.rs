//! What a scenario says of its proxy.

use serde::Deserialize;

use super::super::{names::Zone, need};

/// The table `[proxy]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProxyPlan {
    pub server: ProxyServer,
    /// The router that it runs on.
    #[serde(default = "first_router")]
    pub node: String,
    /// Further lines of its configuration, in the place where people write theirs.
    #[serde(default)]
    pub config: String,
    /// Who may use it: `user:password`.
    pub login: Option<String>,
    /// Whether it is reached over TLS, too.
    #[serde(default)]
    pub tls: bool,
    /// What becomes of connections that go round it.
    #[serde(default)]
    pub direct: DirectWay,
    /// What the name server says that it asks, where that is one of its own.
    pub names: Option<Zone>,
}

/// What the router of the proxy does with connections from the device to the hub's ports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DirectWay {
    /// It forwards them.
    #[default]
    Open,
    /// It drops them.
    Drop,
    /// It says that they are forbidden.
    Reject,
}

impl DirectWay {
    /// The rules of the router.
    pub fn rules(self) -> String {
        let action = match self {
            Self::Open => return String::new(),
            Self::Drop => "drop",
            Self::Reject => "reject with icmpx type admin-prohibited",
        };
        format!(
            "table inet proxy {{
                chain direct {{
                    type filter hook forward priority filter;
                    iifname left tcp dport {{ 443, 5671, 8883 }} {action}
                }}
            }}"
        )
    }
}

/// Which program plays it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProxyServer {
    /// An HTTP proxy on 3128.
    Squid,
    /// The same, which opens TLS.
    SquidBump,
    /// An HTTP proxy on 8888.
    Tinyproxy,
    /// A SOCKS5 proxy on 1080, with rules.
    Dante,
    /// A SOCKS5 proxy on 1080, with a login.
    Microsocks,
    /// A web server on 8080, and no proxy at all.
    Nginx,
    /// What passes requests on to the hub's web port, on 8080, and is no proxy either.
    Haproxy,
}

impl ProxyPlan {
    /// Which of the programs that it needs this machine lacks.
    pub fn lacks(&self) -> Option<&'static str> {
        let server: &[&str] = match self.server {
            ProxyServer::Squid => &["squid"],
            // Debian's `squid` has none: `squid-openssl` does.
            ProxyServer::SquidBump => &["squid", super::servers::CERTIFICATE_MAKER],
            ProxyServer::Tinyproxy => &["tinyproxy"],
            ProxyServer::Dante => &["danted"],
            ProxyServer::Microsocks => &["microsocks"],
            ProxyServer::Nginx => &["nginx"],
            ProxyServer::Haproxy => &["haproxy"],
        };
        let front = if self.tls { "haproxy" } else { "openssl" };
        server.iter().copied().chain(["openssl", front]).find(|name| need::program(name).is_none())
    }
}

fn first_router() -> String {
    "r1".to_owned()
}
