//! What the first exchange in the protocol itself showed.

use serde::{Deserialize, Serialize};

use super::{Ending, FirstBytes, HttpResponse};

/// The hub's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "protocol", rename_all = "kebab-case")]
pub enum ExchangeEvidence {
    /// A CONNACK (MQTT 3.1.1, section 3.2).
    Mqtt {
        /// The return code: 0 accepted, 4 bad user name or password, 5 not authorised, ...
        return_code: u8,
        /// The session-present flag.
        session_present: bool,
    },
    /// The SASL header and a sasl-mechanisms frame (AMQP 1.0, section 5.3).
    Amqp {
        /// The mechanisms offered, in the peer's order.
        mechanisms: Vec<String>,
    },
    /// An HTTP response.
    Https {
        /// The answer as it came.
        response: HttpResponse,
    },
}

/// How an exchange fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ExchangeFailure {
    /// No complete answer within the stage's time.
    TimedOut {
        /// Bytes received inside TLS (and inside WebSocket frames, if any).
        bytes_received: u64,
        /// Whether the peer's TCP acknowledged everything that we sent; `None` if the system does not tell.
        acknowledged: Option<bool>,
    },
    /// An answer that is not this protocol, or much too long for it.
    Mismatch {
        /// How it begins.
        first_bytes: FirstBytes,
    },
    /// The connection ended before a complete answer.
    Ended(Ending),
}
