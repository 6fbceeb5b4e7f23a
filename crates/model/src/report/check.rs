//! A check as it is written: facts and verdict in one object, in the contract's order.

use serde::{Deserialize, Serialize};

use super::Check;
use crate::{
    diagnosis::Verdict,
    hub::{CheckId, Protocol, Route},
    observation::{Attempt, CheckObservations},
};

#[derive(Serialize, Deserialize)]
pub(super) struct Wire {
    id: CheckId,
    protocol: Protocol,
    port: u16,
    route: Route,
    verdict: Verdict,
    duration_ms: f64,
    summary: String,
    attempts: Vec<Attempt>,
}

impl From<Check> for Wire {
    fn from(Check { seen, verdict, summary }: Check) -> Self {
        let CheckObservations { id, protocol, port, route, duration_ms, attempts } = seen;
        Self { id, protocol, port, route, verdict, duration_ms, summary, attempts }
    }
}

impl From<Wire> for Check {
    fn from(Wire { id, protocol, port, route, verdict, duration_ms, summary, attempts }: Wire) -> Self {
        Self { seen: CheckObservations { id, protocol, port, route, duration_ms, attempts }, verdict, summary }
    }
}
