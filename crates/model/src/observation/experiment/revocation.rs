//! Whether the servers answer that devices ask for revocation.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Facts, Measured};
use crate::observation::{ConnectFailure, FirstBytes, HttpResponse, ResolveFailure, RevocationService};

/// One request in clear to each host and port that the hub's chain names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Revocation {
    /// In the order of the chain.
    pub servers: Vec<RevocationServer>,
}

impl Facts for Revocation {
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Run]
    }
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RevocationServer {
    /// Hostname or IP literal.
    pub host: String,
    /// The TCP port.
    pub port: u16,
    /// The services there.
    pub services: Vec<RevocationService>,
    /// The address that replied, else the first that was tried; `None` if none was.
    pub address: Option<IpAddr>,
    /// From the lookup to the answer, in milliseconds.
    pub duration_ms: f64,
    /// The result.
    pub reply: RevocationReply,
}

/// The result of a revocation request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum RevocationReply {
    /// An HTTP answer.
    Answered {
        /// Its head, as it came.
        response: HttpResponse,
    },
    /// Something else.
    NotHttp {
        /// How it begins.
        first_bytes: FirstBytes,
    },
    /// A connection that ended before an answer.
    Closed,
    /// The same, by a RST.
    Reset,
    /// A connection without an answer in time.
    Silent,
    /// No connection.
    NotConnected {
        /// How the TCP handshake failed.
        failure: ConnectFailure,
    },
    /// No address.
    NotResolved {
        /// The result of the lookup.
        failure: ResolveFailure,
    },
    /// Its address is this machine's own, a neighbour's or a cloud's internal one, and the hub's is not: nothing was
    /// sent.
    NotAsked,
    /// The run's deadline or the user ended it.
    Cancelled,
}
