//! Prometheus' multi-target pattern: a request to `/probe?hub=...` is a check, and its answer the metrics of that check, so
//! that a fleet is watched by the Prometheus that is there already. Which hubs may be asked for is said at the start.
//!
//! A requester is bounded in what it may ask for, in size and in time; when it leaves, its probe ends.

mod allow;
mod certificates;
mod config;
mod deadline;
mod exposition;
mod gauges;
mod handler;
mod landing;
mod metrics;
mod module;
mod prober;
mod query;
mod self_metrics;
mod server;

use std::sync::Arc;

use tokio::net::TcpListener;

pub use allow::{Allowed, AllowedBy, BadPattern, HubPattern};
pub use config::{ExporterConfig, Limits, MOST_PROBES};
pub use module::Module;

use self::handler::Handler;
use crate::{SetupError, StopToken};

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
    let most = std::time::Duration::from_secs(15);
    if let Ok(deadline) = deadline::deadline(most, Some(header)) {
        assert!(deadline <= most);
    }
    let _ = exposition::Exposition::accepted(&String::from_utf8_lossy(header));
}
