//! How a proxy behaves.

use std::time::Duration;

use hubreach::responder::ServerIdentity;

use super::Rules;

#[derive(Debug, Clone)]
pub struct Behaviour {
    pub protocol: Protocol,
    /// The certificate of a proxy that is itself reached over TLS.
    pub tls: Option<ServerIdentity>,
    pub rules: Rules,
    pub http: HttpManners,
    pub socks: SocksManners,
    /// What happens at a step instead of what the protocol has there.
    pub instead: Option<(Step, Instead)>,
    /// What is asked of the rules is refused like this instead of by an answer.
    pub refuses_by: Option<Instead>,
    /// Grants the tunnel before the target answers, and closes it if that fails.
    pub is_hasty: bool,
    /// Follows the answer that grants the tunnel, in the same segment: the tunnel's first bytes.
    pub glued: Vec<u8>,
    /// Waits so long before each answer.
    pub delay: Duration,
    /// Each answer comes in segments of so many bytes.
    pub segment: Option<usize>,
}

impl Behaviour {
    /// An HTTP proxy that lets every client through to everything on loopback.
    pub fn http() -> Self {
        Self {
            protocol: Protocol::Http,
            tls: None,
            rules: Rules::default(),
            http: HttpManners::default(),
            socks: SocksManners::default(),
            instead: None,
            refuses_by: None,
            is_hasty: false,
            glued: Vec::new(),
            delay: Duration::ZERO,
            segment: None,
        }
    }

    /// The same in SOCKS5.
    pub fn socks() -> Self {
        Self { protocol: Protocol::Socks5, ..Self::http() }
    }

    pub fn with_tls(self, identity: ServerIdentity) -> Self {
        Self { tls: Some(identity), ..self }
    }

    pub fn with_rules(self, rules: Rules) -> Self {
        Self { rules, ..self }
    }

    /// At `step`, does this instead.
    pub fn but(self, step: Step, instead: Instead) -> Self {
        Self { instead: Some((step, instead)), ..self }
    }

    pub(super) fn instead_at(&self, step: Step) -> Option<&Instead> {
        self.instead.as_ref().filter(|(at, _)| *at == step).map(|(_, instead)| instead)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Http,
    Socks5,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Once the connection is accepted, before TLS and before anything is read.
    Accept,
    /// After SOCKS's greeting.
    Greeting,
    /// After SOCKS's login.
    Login,
    /// After the request for a tunnel.
    Request,
    /// Once the tunnel is granted.
    Tunnel,
}

#[derive(Debug, Clone)]
pub enum Instead {
    /// Closes the connection.
    Close,
    Reset,
    /// Keeps the connection open and says nothing.
    Silence,
    /// Says this and closes the connection.
    Says(Vec<u8>),
    /// Sends one head of HTTP that never ends, as fast as it goes.
    Headers,
    /// Sends interim answers without end, as fast as it goes.
    Interims,
    /// Sends one head that never ends, a byte every 100 ms.
    Drip,
    /// Sends these bytes over and over, as fast as it goes.
    Flood(Vec<u8>),
}

#[derive(Debug, Clone)]
pub struct HttpManners {
    pub minor_version: u8,
    /// Further headers of a 2xx, such as a Content-Length, which means nothing there.
    pub granted_headers: Vec<(String, String)>,
    /// Interim answers before each answer.
    pub interims: usize,
    /// The values of `Proxy-Authenticate` in a 407. Credentials are accepted only if one of them is Basic.
    pub offers: Vec<String>,
    /// Goes on reading on the same connection after a refusal, if the page has an end.
    pub keeps_open: bool,
    pub port_denied: u16,
    pub host_denied: u16,
    /// Where the target could not be reached.
    pub failed: u16,
    /// Further headers of a refusal.
    pub refusal_headers: Vec<(String, String)>,
    pub page: Page,
}

impl Default for HttpManners {
    fn default() -> Self {
        Self {
            minor_version: 1,
            granted_headers: Vec::new(),
            interims: 0,
            offers: vec!["Basic realm=\"a proxy\"".to_owned()],
            keeps_open: false,
            port_denied: 403,
            host_denied: 403,
            failed: 503,
            refusal_headers: vec![("Server".to_owned(), "double/1".to_owned())],
            page: Page::Plain(100),
        }
    }
}

/// The page of a refusal, with its length in bytes.
#[derive(Debug, Clone, Copy)]
pub enum Page {
    /// None, and a Content-Length of 0.
    None,
    Plain(usize),
    Chunked(usize),
    /// Ends with the connection.
    Unframed(usize),
    /// Chunks without end, as fast as it goes.
    Endless,
}

#[derive(Debug, Clone)]
pub struct SocksManners {
    /// Answers the greeting with this method, whatever was offered.
    pub method: Option<u8>,
    /// The version in the answer to a login: some proxies write SOCKS's.
    pub login_version: u8,
    /// Answers each request with this code: a refusal, if it is not 0.
    pub reply: Option<u8>,
    /// The address in replies.
    pub bound: Bound,
    /// A refusal ends after its code.
    pub is_short: bool,
}

impl Default for SocksManners {
    fn default() -> Self {
        Self { method: None, login_version: 1, reply: None, bound: Bound::V4, is_short: false }
    }
}

#[derive(Debug, Clone)]
pub enum Bound {
    V4,
    V6,
    Name(String),
    /// Of a type that does not exist.
    Unknown,
}
