//! Prometheus' multi-target pattern: a request to `/probe?hub=...` is a check, and its answer the metrics of that check, so
//! that a fleet is watched by the Prometheus that is there already. Which hubs may be asked for is said at the start.
//!
//! A requester is bounded in what it may ask for, in size and in time; when it leaves, its probe ends.

mod allow;
mod certificates;
mod deadline;
mod exposition;
mod gauges;
mod handler;
mod landing;
mod metrics;
mod module;
mod own;
mod prober;
mod query;
mod server;

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use tokio::net::TcpListener;

pub use allow::{Allowed, AllowedBy, BadPattern, HubPattern};
pub use module::Module;

use self::handler::Handler;
use crate::{SetupError, StopToken, hub::TargetOptions, probe::Settings};

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

/// An exporter that is ready to serve.
#[derive(Debug)]
pub struct Exporter {
    config: ExporterConfig,
}

impl Exporter {
    /// Holds `config` against what this machine has.
    ///
    /// # Errors
    /// Where a file of roots cannot be used: better told now than by every probe.
    pub async fn new(config: ExporterConfig) -> Result<Self, SetupError> {
        config.settings.check_roots().await?;
        Ok(Self { config })
    }

    /// Serves `listener` until `stop` is stopped; then waits a bounded time for the probes under way.
    ///
    /// Must run inside a tokio runtime with I/O and time enabled. Dropping the future ends everything at once.
    pub async fn serve(self, listener: TcpListener, stop: StopToken) {
        let limits = self.config.limits;
        // An answer under way may be a probe, which has its own deadline.
        let last_answer = self.config.settings.timeout + limits.head;
        let handler = Arc::new(Handler::new(self.config));
        server::serve(listener, handler, limits, last_answer, stop).await;
    }
}

/// All that is read of a request.
#[cfg(fuzzing)]
pub(crate) fn read_request(query: &str, header: &[u8]) {
    if let Ok(asked) = query::ProbeQuery::parse(query) {
        assert!(asked.protocols.is_sorted() && asked.protocols.len() <= 5);
    }
    let most = Duration::from_secs(15);
    if let Ok(deadline) = deadline::deadline(most, Some(header)) {
        assert!(deadline <= most);
    }
    let _ = exposition::Exposition::accepted(&String::from_utf8_lossy(header));
}
