//! One protocol of one hub over one route.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Protocol, Route};

/// Where and how one protocol is offered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// The protocol.
    pub protocol: Protocol,
    /// TCP port, never 0.
    pub port: u16,
    /// The path and query of the request: the WebSocket upgrade, or the one HTTPS request, in which `{client}` stands
    /// for a random name. Other protocols do not use it.
    pub path: String,
    /// The application protocol named in the TLS hello (ALPN, RFC 7301), if any.
    pub alpn: Option<&'static str>,
}

/// A check's name: `protocol@route`, or `protocol:port@route` if a hub offers one protocol on several ports.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CheckId(String);

impl CheckId {
    /// The text of the id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl From<&str> for CheckId {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}

/// One protocol of one hub over one route.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Check {
    /// Unique within a run.
    pub id: CheckId,
    /// What is tested.
    pub endpoint: Endpoint,
    /// How it is reached.
    pub route: Route,
}

/// Names every endpoint over `route`. The name has the port only if the protocol alone is ambiguous.
pub(super) fn name_checks(endpoints: Vec<Endpoint>, route: Route) -> Vec<Check> {
    let ambiguous = |protocol| endpoints.iter().filter(|endpoint| endpoint.protocol == protocol).count() > 1;
    let ids: Vec<CheckId> = endpoints
        .iter()
        .map(|endpoint| match ambiguous(endpoint.protocol) {
            true => CheckId(format!("{}:{}@{route}", endpoint.protocol, endpoint.port)),
            false => CheckId(format!("{}@{route}", endpoint.protocol)),
        })
        .collect();
    ids.into_iter().zip(endpoints).map(|(id, endpoint)| Check { id, endpoint, route }).collect()
}
