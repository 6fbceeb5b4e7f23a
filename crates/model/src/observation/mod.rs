//! What was SEEN: serialisable records of facts and timings, never an opinion.

mod attempt;
mod bytes;
mod certificate;
mod chain;
mod connect;
mod ending;
mod exchange;
mod experiment;
mod http;
mod lack;
mod local_network;
mod own_hello;
mod proxy;
mod rejection;
mod resolution;
mod revocation;
mod situation;
mod stage;
mod stage_result;
mod tls;
mod traces;
mod upgrade;
mod vantage;

use serde::{Deserialize, Serialize};

pub use attempt::Attempt;
pub use bytes::{FirstBytes, hex};
pub use certificate::{Certificate, HubRoot, Identity, Key, NameMatch, Trust};
pub use chain::{ChainEnd, ChainVerdict, Flaw, PathCertificate, StoreVerdict};
pub use connect::{ConnectEvidence, ConnectFailure};
pub use ending::Ending;
pub use exchange::{ExchangeEvidence, ExchangeFailure};
pub use experiment::*;
pub use http::HttpResponse;
pub use lack::{ASKED_IN_VAIN_MS, Lack};
pub use local_network::{
    ContainerMark, DefaultRoute, Filled, Interface, InterfaceAddress, KernelRoute, LocalNetwork, LocalRoute, Neighbour,
    Overlap,
};
pub use own_hello::{OWN_GROUPS, OWN_SUITES};
pub use proxy::{ProxyEvidence, ProxyFailure, ProxyObservations};
pub use rejection::Rejection;
pub use resolution::{Resolution, ResolutionSource, ResolveFailure};
pub use revocation::{MOST_REVOCATION_ADDRESSES, RevocationAddress, RevocationService, revocation_addresses};
pub use situation::{Snapshot, TrackedAttempt, Waiting};
pub use stage::Stage;
pub use stage_result::{Outcome, StageResult, millis};
pub use tls::{TlsEvidence, TlsFailure};
pub use traces::{PortTrace, Traces};
pub use upgrade::{UpgradeEvidence, UpgradeFailure};
pub use vantage::{ProxySetting, RootSource, TrustStore, Vantage, WhyUnused};

use crate::hub::{CheckId, Depth, HubKind, Protocol, Requirement, Role, Route};

/// All observations of one run on one hub, and its options.
#[derive(Debug, Clone, PartialEq)]
pub struct Observations {
    /// When the run began, RFC 3339 in UTC with milliseconds.
    pub started_at: String,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
    /// Whether the deadline cut anything short.
    pub deadline_reached: bool,
    /// Whether the user cut it short.
    pub partial: bool,
    /// Where it ran.
    pub vantage: Vantage,
    /// The hub.
    pub hub: HubSummary,
    /// How far the attempts went.
    pub depth: Depth,
    /// The role that will connect later.
    pub role: Role,
    /// What must be allowed.
    pub requirement: Requirement,
    /// How the name became addresses.
    pub resolution: Resolution,
    /// The proxy, if checks were made through one.
    pub proxy: Option<ProxyObservations>,
    /// One for each check, in the order of the report.
    pub checks: Vec<CheckObservations>,
    /// Second measurements.
    pub experiments: Vec<Experiment>,
}

impl Observations {
    /// What the experiments of one kind showed.
    pub fn facts<K: ExperimentKind>(&self) -> impl Iterator<Item = &K::Facts> {
        self.experiments.iter().filter_map(Experiment::facts::<K>)
    }
}

/// The hub as the user gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HubSummary {
    /// Hostname or IP literal.
    pub host: String,
    /// Its kind.
    pub kind: HubKind,
    /// Whether the kind is only assumed, so the hub need not offer everything of that kind.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub kind_assumed: bool,
    /// The source of the roots that sign this hub; `None` if they are unknown.
    pub roots: Option<RootSource>,
}

/// The observations of one check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckObservations {
    /// `mqtt@direct`.
    pub id: CheckId,
    /// What was tested.
    pub protocol: Protocol,
    /// The TCP port.
    pub port: u16,
    /// How it was reached.
    pub route: Route,
    /// From the first SYN to the end of the last attempt, in milliseconds.
    pub duration_ms: f64,
    /// One for each address tried; empty if the name did not resolve.
    pub attempts: Vec<Attempt>,
}
