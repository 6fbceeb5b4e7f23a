//! TLS hellos that differ from the hub's own in one property, and their results.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::{Facts, Measured};
use crate::observation::{FirstBytes, Identity};

/// Hellos to one address and port that differ only in what is compared. Nothing is sent after the hello.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hellos {
    /// The destination.
    pub address: IpAddr,
    /// The TCP port.
    pub port: u16,
    /// One for each hello, in the order of sending.
    pub trials: Vec<HelloTrial>,
}

impl Hellos {
    /// Those to `peer`.
    pub fn to(peer: SocketAddr, trials: Vec<HelloTrial>) -> Self {
        Self { address: peer.ip(), port: peer.port(), trials }
    }
}

impl Facts for Hellos {
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Port(self.address, self.port)]
    }
}

/// One hello on its own connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HelloTrial {
    /// The name in it (SNI, RFC 6066); `None` if it had none.
    pub server_name: Option<String>,
    /// The versions offered, `TLS 1.0` to `TLS 1.3`.
    pub versions: Vec<String>,
    /// The application protocols offered (ALPN, RFC 7301), in order.
    pub alpn: Vec<String>,
    /// The MSS that we asked the peer to use, in bytes; `None` if the system chose.
    pub mss: Option<u16>,
    /// What was sent before it, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preface: Option<Preface>,
    /// The length of the hello with its record header, in bytes.
    pub hello_bytes: usize,
    /// From the first SYN to the answer, in milliseconds.
    pub duration_ms: f64,
    /// The result.
    pub answer: Answer,
}

/// What is sent before a hello.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preface {
    /// A header of the PROXY protocol, version 1, that claims no address (`UNKNOWN`).
    ProxyV1,
    /// A header of the PROXY protocol, version 2, that claims no address (`LOCAL`).
    ProxyV2,
}

/// The result of a hello.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Answer {
    /// A ServerHello, and what followed in time.
    ServerHello {
        /// The chosen version, `SSL 3.0` to `TLS 1.3`, if it came; an old server may choose one that was not offered.
        version: Option<String>,
        /// Whether the whole certificate chain came.
        chain_complete: bool,
        /// The issuer of the last presented certificate (RFC 4514), if the chain came.
        top_issuer: Option<String>,
        /// Whether the peer's own certificate matches the name in the hello, if the chain came.
        for_name: Option<bool>,
        /// What else it chose, if it came.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chosen: Option<Box<Chosen>>,
    },
    /// A fatal alert.
    Alert {
        /// The alert's number.
        code: u8,
        /// The alert's name in the RFC.
        name: String,
    },
    /// A FIN.
    Closed {
        /// Bytes that had come.
        bytes_received: u64,
    },
    /// A RST.
    Reset {
        /// Bytes that had come.
        bytes_received: u64,
    },
    /// No answer in time, or not enough for one.
    Silent {
        /// Bytes that had come.
        bytes_received: u64,
        /// Whether the peer's TCP acknowledged the hello; `None` if the system does not tell.
        acknowledged: Option<bool>,
        /// Retransmitted segments; `None` if the system does not tell.
        retransmits: Option<u32>,
    },
    /// Bytes that are not TLS.
    NotTls {
        /// How they begin.
        first_bytes: FirstBytes,
    },
    /// The TCP handshake failed: the hello was not sent.
    NotConnected,
    /// The run's deadline or the user ended it.
    Cancelled,
}

/// What a ServerHello says besides the version, and who signed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// The suite by its name in IANA's registry, or its number.
    pub cipher_suite: String,
    /// The key exchange group, if the ServerHello names it (TLS 1.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The newer version that the peer supports and reports as not offered (RFC 8446, section 4.1.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub would_take: Option<String>,
    /// The identity proved by the signature over both randoms, and so over that mark; only if the answer is TLS 1.2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<Identity>,
    /// Whether a full handshake with such a hello, in parallel, succeeded: it does so only if the hello arrives
    /// unchanged. `None` if unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<bool>,
}
