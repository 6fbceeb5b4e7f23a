//! What the proxy of a run showed.

use serde::{Deserialize, Serialize};

use super::{Ending, Experiment, FirstBytes, HttpResponse, Resolution, TlsEvidence, TlsFailure};
use crate::hub::{ProxyScheme, in_url};

/// The proxy through which checks were made, and the way to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProxyObservations {
    /// How it is spoken to.
    pub scheme: ProxyScheme,
    /// Hostname or IP literal.
    pub host: String,
    /// The TCP port.
    pub port: u16,
    /// Whether a user name and a password were given to log in with.
    pub has_credentials: bool,
    /// The setting that names it: an option, a variable, or a place of the system; `None` if the program that embeds this
    /// library chose it.
    pub source: Option<String>,
    /// How its name became addresses.
    pub resolution: Resolution,
    /// Second measurements of the way to it.
    pub experiments: Vec<Experiment>,
}

impl ProxyObservations {
    /// `proxy.corp:3128`; an IPv6 address in brackets.
    pub fn address(&self) -> String {
        format!("{}:{}", in_url(&self.host), self.port)
    }

    /// `http://proxy.corp:3128`.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address())
    }
}

/// What a proxy answered to the request to connect to the hub.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ProxyEvidence {
    /// Host or address, and port, that it was to connect to.
    pub target: String,
    /// Whether credentials were sent.
    pub logged_in: bool,
    /// The TLS handshake with the proxy itself; `None` if it is spoken to in clear.
    pub tls: Option<Box<TlsEvidence>>,
    /// Its answer to CONNECT (RFC 9110, section 9.3.6).
    pub response: Option<HttpResponse>,
    /// The schemes that it offers to log in with, as it writes them (RFC 9110, section 11.6.1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offered: Vec<String>,
    /// The SOCKS login method that it chose (RFC 1928, section 3); `None` if it did not answer the greeting, or speaks HTTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub socks_method: Option<u8>,
    /// Its reply to the SOCKS request (RFC 1928, section 6); 0 is success.
    pub socks_reply: Option<u8>,
}

/// How the request to a proxy fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ProxyFailure {
    /// TLS with the proxy itself failed.
    Tls {
        /// How.
        failure: TlsFailure,
    },
    /// It did not answer within the stage's time.
    TimedOut {
        /// Bytes that had come from it.
        bytes_received: u64,
    },
    /// It answered CONNECT with another status than 2xx.
    Refused {
        /// The status.
        status: u16,
    },
    /// It answered the SOCKS request with this reply (RFC 1928, section 6).
    SocksRefused {
        /// The reply.
        reply: u8,
    },
    /// It takes none of the SOCKS login methods that were offered.
    NoMethod,
    /// It refused the SOCKS user name and password.
    LoginRefused,
    /// What came is not the protocol that the setting names.
    Mismatch {
        /// How it begins.
        first_bytes: FirstBytes,
    },
    /// Its answer is longer than is read.
    TooLarge,
    /// The connection ended before an answer.
    Ended(Ending),
    /// What has to be sent is not possible in this protocol, such as a password of more than 255 bytes in SOCKS.
    NotSent {
        /// Why.
        message: String,
    },
}
