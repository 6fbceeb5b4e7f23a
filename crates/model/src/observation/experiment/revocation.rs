//! Whether those answer whom devices ask that check whether certificates are revoked.

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
    /// What is there to be had.
    pub services: Vec<RevocationService>,
    /// The address that the reply came from, else the first that was tried; `None` where none was.
    pub address: Option<IpAddr>,
    /// From the lookup to the answer, in milliseconds.
    pub duration_ms: f64,
    /// What the request got.
    pub reply: RevocationReply,
}

/// What a request for revocation gets.
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
    /// A connection, and its end before an answer.
    Closed,
    /// The same, by a RST.
    Reset,
    /// A connection, and nothing in time.
    Silent,
    /// No connection.
    NotConnected {
        /// How the TCP handshake failed.
        failure: ConnectFailure,
    },
    /// No address.
    NotResolved {
        /// What the lookup came to.
        failure: ResolveFailure,
    },
    /// Its address is this machine's own, a neighbour's or a cloud's, where the hub is not: nothing was sent there.
    NotAsked,
    /// The run's deadline or the user ended it.
    Cancelled,
}
