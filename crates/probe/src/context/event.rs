//! Progress of a run, as it happens.

use std::net::{IpAddr, SocketAddr};

use serde::Serialize;

use crate::{
    hub::CheckId,
    observation::{Outcome, Stage},
};

/// Something that just happened in a run. In JSON: `{ "event": "stage", ... }`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Event {
    /// The name resolved, or failed to.
    Resolved {
        /// How.
        outcome: Outcome,
        /// The addresses that will be tried.
        addresses: Vec<IpAddr>,
    },
    /// One stage of one check ended at one address.
    Stage {
        /// The check.
        check: CheckId,
        /// The address.
        address: IpAddr,
        /// The stage.
        stage: Stage,
        /// How it ended.
        outcome: Outcome,
        /// How long it took, in milliseconds.
        duration_ms: f64,
    },
    /// One check ended at all its addresses.
    CheckDone {
        /// The check.
        check: CheckId,
        /// Whether every stage asked for succeeded at one address at least; the verdict is the diagnosis's.
        completed: bool,
        /// How long it took, in milliseconds.
        duration_ms: f64,
    },
    /// A path was followed so far.
    Followed {
        /// Where to.
        peer: SocketAddr,
        /// The furthest hop that answered.
        hop: u8,
    },
    /// An experiment began.
    ExperimentBegan {
        /// Its kind, as in the report.
        kind: &'static str,
    },
    /// An experiment ended.
    ExperimentDone {
        /// Its kind, as in the report.
        kind: &'static str,
        /// How long it took, in milliseconds.
        duration_ms: f64,
    },
}
