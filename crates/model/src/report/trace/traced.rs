//! The paths to a hub's ports, and where each is stopped.

use serde::{Deserialize, Serialize};

use crate::{
    diagnosis::{Location, completed_early, locate},
    observation::{Path, PortTrace, ProbeAnswer, Traces},
    report::Tool,
};

/// The name and version of the JSON format.
pub const TRACE_SCHEMA: &str = "hubreach.trace/1";

/// The paths to a hub's ports, and where each is stopped: the object that `hubreach trace --format json` prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TraceReport {
    /// [`TRACE_SCHEMA`].
    pub schema: String,
    /// The program that made the diagnosis.
    pub tool: Tool,
    /// The observations, and where each port is stopped.
    #[serde(flatten)]
    pub traces: Traces<TracedPort>,
}

/// The path to one port, and its diagnosis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TracedPort {
    /// The facts.
    #[serde(flatten)]
    pub observations: PortTrace,
    /// Where it is stopped, or where another device completes its handshake before the hub; `None` if neither is known.
    pub location: Option<Location>,
    /// Whether another device completes its handshake before the hub.
    pub early: bool,
}

impl TraceReport {
    /// Diagnoses each port by comparison with one of the same address that answers.
    pub fn new(traces: Traces) -> Self {
        let traces = traces.with_ports(|ports| ports.iter().map(|port| judged(port, &ports)).collect());
        Self { schema: TRACE_SCHEMA.to_owned(), tool: Tool::this(), traces }
    }
}

fn judged(port: &PortTrace, all: &[PortTrace]) -> TracedPort {
    let (address, number) = (port.trace.address, port.trace.port);
    let siblings = all.iter().filter(|other| other.trace.address == address && other.trace.port != number);
    let beside = |reference: Option<&PortTrace>| Path {
        on_link: port.on_link,
        failing: port.trace.clone(),
        reference: reference.map(|other| other.trace.clone()),
    };
    let early = match port.answer {
        ProbeAnswer::SynAck => {
            let paths: Vec<Path> = siblings.clone().map(Some).chain([None]).map(beside).collect();
            completed_early(&paths.iter().collect::<Vec<_>>(), address, number)
        }
        _ => None,
    };
    let answering = siblings.clone().find(|other| other.answer == ProbeAnswer::SynAck);
    let location = early.clone().or_else(|| locate(&beside(answering)));
    TracedPort { observations: port.clone(), location, early: early.is_some() }
}
