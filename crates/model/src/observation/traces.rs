//! The paths to every port of a hub, side by side.

use std::{collections::BTreeMap, net::IpAddr};

use serde::{Deserialize, Serialize};

use super::{ProbeAnswer, Resolution, Trace};
use crate::hub::Protocol;

/// The observations of one trace of a hub. `P` is the type of a port: the facts alone, or with a diagnosis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Traces<P = PortTrace> {
    /// When it began, RFC 3339 in UTC with milliseconds.
    pub started_at: String,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
    /// Whether the deadline cut anything short.
    pub deadline_reached: bool,
    /// Whether the user cut it short.
    pub partial: bool,
    /// This machine's name.
    pub from: Option<String>,
    /// Minutes by which its local time is ahead of UTC; `None` if the system does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utc_offset_minutes: Option<i32>,
    /// The hub's hostname or IP literal.
    pub host: String,
    /// How the name became addresses.
    pub resolution: Resolution,
    /// One for each address and port.
    pub ports: Vec<P>,
    /// The names of routers by reverse DNS, if queried and found.
    pub names: BTreeMap<IpAddr, String>,
}

impl<P> Traces<P> {
    /// The same, with the ports converted by `of`.
    pub fn with_ports<Q>(self, of: impl FnOnce(Vec<P>) -> Vec<Q>) -> Traces<Q> {
        Traces {
            started_at: self.started_at,
            duration_ms: self.duration_ms,
            deadline_reached: self.deadline_reached,
            partial: self.partial,
            from: self.from,
            utc_offset_minutes: self.utc_offset_minutes,
            host: self.host,
            resolution: self.resolution,
            ports: of(self.ports),
            names: self.names,
        }
    }
}

/// The path to one port of one address.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PortTrace {
    /// The protocols that a hub speaks there.
    pub protocols: Vec<Protocol>,
    /// Whether the address is on the link, without a router in between; `None` if the system does not tell.
    pub on_link: Option<bool>,
    /// The answer to a SYN with a full TTL.
    pub answer: ProbeAnswer,
    /// The answers to SYNs with a limited TTL.
    pub trace: Trace,
}
