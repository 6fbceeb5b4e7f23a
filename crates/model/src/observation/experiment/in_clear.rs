//! What answers in clear on a TLS port whose handshake failed at the first message.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Facts, Measured};
use crate::observation::{FirstBytes, HttpResponse};

/// Harmless requests without TLS to one address and port, each on its own connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InClear {
    /// The destination.
    pub address: IpAddr,
    /// The TCP port.
    pub port: u16,
    /// One for each protocol.
    pub questions: Vec<ClearQuestion>,
}

impl Facts for InClear {
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Port(self.address, self.port)]
    }
}

/// One request, without credentials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClearQuestion {
    /// Its protocol.
    pub protocol: ClearProtocol,
    /// From the first SYN to the answer, in milliseconds.
    pub duration_ms: f64,
    /// The result.
    pub reply: ClearReply,
}

/// The protocol of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClearProtocol {
    /// A CONNECT (MQTT 3.1.1, section 3.1).
    Mqtt,
    /// A protocol header (AMQP 1.0, section 5.3.1).
    Amqp,
    /// `GET /`.
    Http,
}

/// The result of a request in clear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum ClearReply {
    /// An HTTP answer.
    Http {
        /// As it came.
        response: HttpResponse,
    },
    /// Other bytes.
    Bytes {
        /// How they begin.
        first_bytes: FirstBytes,
    },
    /// A FIN, and nothing before it.
    Closed,
    /// A RST, and nothing before it.
    Reset,
    /// No answer in time.
    Silent,
    /// The TCP handshake failed: nothing was sent.
    NotConnected,
    /// The run's deadline or the user ended it.
    Cancelled,
}

impl ClearReply {
    /// Whether any bytes came.
    pub fn is_an_answer(&self) -> bool {
        matches!(self, Self::Http { .. } | Self::Bytes { .. })
    }
}
