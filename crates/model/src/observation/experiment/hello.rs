//! TLS hellos that differ from the hub's own in one thing, and what each gets.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::{Facts, Measured};
use crate::observation::{FirstBytes, Identity};

/// Hellos to one address and port, all alike but in what is compared. Nothing is sent after the hello.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hellos {
    /// Where they went.
    pub address: IpAddr,
    /// The TCP port.
    pub port: u16,
    /// One for each hello, in the order in which they were sent.
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

/// One hello on a connection of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HelloTrial {
    /// The name in it (SNI, RFC 6066); `None` where it had none.
    pub server_name: Option<String>,
    /// The versions offered, `TLS 1.0` to `TLS 1.3`.
    pub versions: Vec<String>,
    /// The application protocols offered (ALPN, RFC 7301), in order.
    pub alpn: Vec<String>,
    /// The largest TCP segment that we asked the peer to send (MSS), in bytes; `None` where the system chose.
    pub mss: Option<u16>,
    /// What was sent before it, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preface: Option<Preface>,
    /// The length of the hello with its record header, in bytes.
    pub hello_bytes: usize,
    /// From the first SYN to the answer, in milliseconds.
    pub duration_ms: f64,
    /// What it got.
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

/// What a hello gets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Answer {
    /// A ServerHello, and as much of what follows as came in time.
    ServerHello {
        /// The version chosen, `SSL 3.0` to `TLS 1.3`, where it came so far; an old server chooses what was not offered.
        version: Option<String>,
        /// Whether the whole certificate chain came.
        chain_complete: bool,
        /// Who issued the last certificate presented (RFC 4514), where the chain came.
        top_issuer: Option<String>,
        /// Whether the peer's own certificate is for the name in the hello, where the chain came.
        for_name: Option<bool>,
        /// What else it chose, where it came so far.
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
    /// Nothing, or not enough to be an answer, in time.
    Silent {
        /// Bytes that had come.
        bytes_received: u64,
        /// Whether the peer's TCP acknowledged the hello; `None` where the system does not tell.
        acknowledged: Option<bool>,
        /// Segments sent again; `None` where the system does not tell.
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

/// What a ServerHello says beside the version, and who proved to have said it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// The suite by its name in IANA's registry, or its number.
    pub cipher_suite: String,
    /// The group of the key exchange, where it is told there (TLS 1.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The newer version that the peer has and says not to have been offered (RFC 8446, section 4.1.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub would_take: Option<String>,
    /// Whom the signature over both randoms, and so over that mark, shows the peer to be; only where TLS 1.2 was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<Identity>,
    /// Whether a whole handshake with such a hello, beside this one, ended well, as it does only where the hello arrives as it
    /// was sent; `None` where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<bool>,
}
