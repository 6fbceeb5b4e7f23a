//! The paths to every port of a hub, side by side.

use std::{collections::BTreeMap, net::IpAddr};

use serde::{Deserialize, Serialize};

use super::{ProbeAnswer, Resolution, Trace};
use crate::hub::Protocol;

/// Everything that one tracing of a hub saw; `P` is what is known of a port, the facts alone or more.
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
    /// Minutes by which local time is ahead of UTC there; `None` where the system does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utc_offset_minutes: Option<i32>,
    /// The hub's hostname or IP literal.
    pub host: String,
    /// How the name became addresses.
    pub resolution: Resolution,
    /// One for each address and port.
    pub ports: Vec<P>,
    /// The names of routers by reverse DNS, where they were asked for and have one.
    pub names: BTreeMap<IpAddr, String>,
}

impl<P> Traces<P> {
    /// The same, with what `of` makes of the ports.
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
    /// What a hub speaks there.
    pub protocols: Vec<Protocol>,
    /// Whether no router stands between here and the address; `None` where the system does not tell.
    pub on_link: Option<bool>,
    /// What a SYN gets that may go as far as any.
    pub answer: ProbeAnswer,
    /// What those get that may not.
    pub trace: Trace,
}
