//! What answers in clear on a port where TLS should be spoken and the first message came to nothing.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Facts, Measured};
use crate::observation::{FirstBytes, HttpResponse};

/// Harmless questions without TLS to one address and port, each on a connection of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InClear {
    /// Where they went.
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

/// One question, without credentials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClearQuestion {
    /// In which protocol.
    pub protocol: ClearProtocol,
    /// From the first SYN to the answer, in milliseconds.
    pub duration_ms: f64,
    /// What it got.
    pub reply: ClearReply,
}

/// What is asked in.
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

/// What a question in clear gets.
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
    /// Nothing in time.
    Silent,
    /// The TCP handshake failed: nothing was asked.
    NotConnected,
    /// The run's deadline or the user ended it.
    Cancelled,
}

impl ClearReply {
    /// Whether anything was said.
    pub fn is_an_answer(&self) -> bool {
        matches!(self, Self::Http { .. } | Self::Bytes { .. })
    }
}
