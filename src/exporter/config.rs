//! The configuration of an exporter.

use std::{num::NonZeroUsize, time::Duration};

use super::allow::Allowed;
use crate::{Routing, hub::TargetOptions, probe::Settings};

/// What may be probed, and how.
#[derive(Debug, Clone)]
pub struct ExporterConfig {
    /// Which hubs may be asked for.
    pub allowed: Allowed,
    /// What is tested of each; a request may ask for some of its protocols, and for nothing else.
    pub options: TargetOptions,
    /// How a probe is made; its depth and its experiments are those of the module that is asked for, and its deadline is
    /// earlier where the scraper waits less long.
    pub settings: Settings,
    /// On which routes each is tested.
    pub routing: Routing,
    /// Probes at once; the next is told to come back later (503).
    pub most_probes: NonZeroUsize,
    /// How long peers are waited for.
    pub limits: Limits,
}

/// How long peers are waited for. Their defaults suit any scraper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For the whole head of a request, from its connection or from the answer before it.
    pub head: Duration,
    /// For the end of a connection, in however small steps it goes; then the answer under way is its last.
    pub connection: Duration,
    /// For the probes under way, once told to stop. Shorter than the ten seconds that container engines wait.
    pub stop: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { head: Duration::from_secs(10), connection: Duration::from_secs(300), stop: Duration::from_secs(8) }
    }
}

/// Probes at a time, by default: hostile hubs cost up to two megabytes each, and an exporter should fit into 64 MiB.
pub const MOST_PROBES: NonZeroUsize = NonZeroUsize::new(24).unwrap();
