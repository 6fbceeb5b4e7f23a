//! What a WebSocket upgrade showed (RFC 6455, section 4).

use serde::{Deserialize, Serialize};

use super::{FirstBytes, HttpResponse};

/// The answer to the upgrade request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpgradeEvidence {
    /// The requested subprotocol.
    pub offered: String,
    /// The answer as it came.
    pub response: HttpResponse,
    /// Whether `Sec-WebSocket-Accept` answers our key.
    pub accept_matches: bool,
    /// The subprotocol that the peer chose.
    pub subprotocol: Option<String>,
}

/// How an upgrade fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum UpgradeFailure {
    /// A complete answer other than 101; the evidence holds it.
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// 101, but `Sec-WebSocket-Accept` does not answer our key.
    BadAccept,
    /// 101, but not for the requested subprotocol.
    BadSubprotocol,
    /// What came is not HTTP/1.x.
    NotHttp {
        /// How it begins.
        first_bytes: FirstBytes,
    },
    /// No complete answer within the stage's time.
    TimedOut {
        /// Bytes that had come inside TLS.
        bytes_received: u64,
        /// Whether the peer's TCP acknowledged everything that we sent; `None` if the system does not tell.
        acknowledged: Option<bool>,
    },
    /// The header block exceeded 64 KiB.
    TooLarge,
    /// The connection ended before a complete answer.
    Ended(super::Ending),
}
