//! The exporter's metrics of itself.

use std::{
    sync::atomic::AtomicU64,
    time::{Instant, UNIX_EPOCH},
};

use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use crate::probe;

/// From a healthy hub next door to a deadline of a minute, in seconds.
const BUCKETS: [f64; 11] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0];

type Labels = Vec<(&'static str, String)>;

/// What is counted of the exporter itself.
#[derive(Debug)]
pub(super) struct SelfMetrics {
    registry: Registry,
    requests: Family<Labels, Counter>,
    connections: Gauge,
    refused_connections: Counter,
    probes: Gauge,
    rejected: Counter,
    abandoned: Counter,
    durations: Histogram,
    stale_roots: Gauge,
}

impl SelfMetrics {
    pub(super) fn new(most_probes: usize) -> Self {
        let metrics = Self {
            registry: Registry::default(),
            requests: Family::default(),
            connections: Gauge::default(),
            refused_connections: Counter::default(),
            probes: Gauge::default(),
            rejected: Counter::default(),
            abandoned: Counter::default(),
            durations: Histogram::new(BUCKETS),
            stale_roots: Gauge::default(),
        };
        Self { registry: metrics.register(most_probes), ..metrics }
    }

    fn register(&self, most_probes: usize) -> Registry {
        let mut registry = Registry::default();
        let build: Family<Labels, Gauge> = Family::default();
        build.get_or_create(&vec![("version", env!("CARGO_PKG_VERSION").to_owned())]).set(1);
        registry.register("hubreach_build_info", "The program's version", build);
        let started = Gauge::<f64, AtomicU64>::default();
        started.set(probe::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64()));
        registry.register("process_start_time_seconds", "When the exporter was started, since the epoch", started);
        registry.register(
            "hubreach_exporter_requests",
            "Requests answered, by page and HTTP status",
            self.requests.clone(),
        );
        registry.register("hubreach_exporter_connections", "Connections served now", self.connections.clone());
        registry.register(
            "hubreach_exporter_connections_refused",
            "Connections closed because too many others wait to be served",
            self.refused_connections.clone(),
        );
        registry.register("hubreach_exporter_probes_in_flight", "Probes under way now", self.probes.clone());
        let limit: Gauge = Gauge::default();
        limit.set(i64::try_from(most_probes).unwrap_or(i64::MAX));
        registry.register("hubreach_exporter_probes_limit", "Probes that may be under way at once", limit);
        registry.register(
            "hubreach_exporter_probes_rejected",
            "Probes refused because too many were under way",
            self.rejected.clone(),
        );
        registry.register(
            "hubreach_exporter_probes_abandoned",
            "Probes ended early because the scraper had left, or the exporter stopped",
            self.abandoned.clone(),
        );
        registry.register(
            "hubreach_exporter_probe_duration_seconds",
            "How long probes took that were answered",
            self.durations.clone(),
        );
        registry.register(
            "hubreach_exporter_trust_store_stale",
            "Whether an older trust store serves, for the one that took its place cannot be read",
            self.stale_roots.clone(),
        );
        registry
    }

    pub(super) fn registry(&self) -> &Registry {
        &self.registry
    }

    pub(super) fn answered(&self, page: &'static str, status: u16) {
        self.requests.get_or_create(&vec![("handler", page.to_owned()), ("code", status.to_string())]).inc();
    }

    pub(super) fn refused_connection(&self) {
        self.refused_connections.inc();
    }

    pub(super) fn trust_store_is_stale(&self, stale: bool) {
        self.stale_roots.set(i64::from(stale));
    }

    pub(super) fn rejected(&self) {
        self.rejected.inc();
    }

    /// Counts a connection for as long as what it gives is kept.
    pub(super) fn connected(&self) -> Connected {
        self.connections.inc();
        Connected(self.connections.clone())
    }

    /// Counts a probe for as long as what it gives is kept; as abandoned, unless told that it [ended](Probing::ended).
    pub(super) fn probing(&self) -> Probing<'_> {
        self.probes.inc();
        Probing { metrics: self, began: Instant::now(), ended: false }
    }
}

/// A connection that is open.
pub(super) struct Connected(Gauge);

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// A probe under way.
pub(super) struct Probing<'a> {
    metrics: &'a SelfMetrics,
    began: Instant,
    ended: bool,
}

impl Probing<'_> {
    pub(super) fn ended(mut self) {
        self.ended = true;
        self.metrics.durations.observe(self.began.elapsed().as_secs_f64());
    }
}

impl Drop for Probing<'_> {
    fn drop(&mut self) {
        self.metrics.probes.dec();
        if !self.ended {
            self.metrics.abandoned.inc();
        }
    }
}
