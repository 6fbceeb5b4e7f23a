//! How a connection ends while an answer is awaited inside TLS.

use serde::{Deserialize, Serialize};

/// Who closed the connection, and how. Only a close inside TLS proves that the peer itself ended it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum Ending {
    /// The peer's TLS `close_notify` (RFC 8446, section 6.1).
    CloseNotify,
    /// A fatal TLS alert from the peer.
    Alert {
        /// The alert's number.
        code: u8,
        /// The alert's name in the RFC.
        name: String,
    },
    /// A WebSocket close frame (RFC 6455, section 5.5.1).
    WebSocketClose {
        /// The close code, if one was given.
        code: Option<u16>,
        /// The reason given, if any.
        reason: String,
    },
    /// A bare TCP FIN.
    Fin,
    /// A TCP RST.
    Reset,
    /// Ours: the peer sent frames that break the WebSocket protocol (RFC 6455).
    BadFrames,
    /// Ours: the peer kept sending without an answer.
    Flood {
        /// Bytes received, below TLS.
        bytes_received: u64,
        /// Complete WebSocket messages among them.
        messages: u32,
    },
    /// Something else, in the system's or the library's words.
    Other {
        /// Those words.
        message: String,
    },
}
