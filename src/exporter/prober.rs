//! From a probe request to a check, within the limits set at the start.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::{
    Allowed, AllowedBy, ExporterConfig, Module,
    deadline::{self, BadTimeout},
    exposition::Exposition,
    metrics,
    query::{BadQuery, ProbeQuery},
};
use crate::{
    Checker, Report, Routing, RoutingError, SettingsError, SetupError,
    hub::{Protocol, Target, TargetOptions, TargetOptionsError},
    probe::{Settings, thread::blocking},
};

/// Makes probes of what it was told that it may.
#[derive(Debug)]
pub(super) struct Prober {
    allowed: Allowed,
    options: TargetOptions,
    settings: Settings,
    routing: Routing,
    /// Taken by the probe that is judged.
    judging: Arc<Semaphore>,
}

/// Why a probe is not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error(transparent)]
    Query(#[from] BadQuery),
    #[error("no hub given, and this exporter has several; ask for /probe?hub=contoso.azure-devices.net")]
    NoHub,
    #[error(transparent)]
    Timeout(#[from] BadTimeout),
    #[error("this exporter does not probe that hub; name it on its command line, or a pattern for it with --allow")]
    NotAllowed,
    #[error("this exporter does not test {0}; leave it out, or add it to --protocol on its command line")]
    NotTested(Protocol),
    #[error(transparent)]
    Choice(#[from] TargetOptionsError),
    #[error(transparent)]
    Misfit(#[from] SettingsError),
    #[error(transparent)]
    Routing(#[from] RoutingError),
}

impl Prober {
    pub(super) fn new(config: ExporterConfig) -> Self {
        let ExporterConfig { allowed, options, settings, routing, .. } = config;
        Self { allowed, options, settings, routing, judging: Arc::new(Semaphore::new(1)) }
    }

    pub(super) fn allowed(&self) -> &Allowed {
        &self.allowed
    }

    /// Whether probes are judged by an older trust store than this machine has.
    pub(super) fn has_stale_roots(&self) -> bool {
        self.settings.shared.has_stale_roots()
    }

    /// The probe that `query` asks for, of a scraper that waits as long as the header `timeout` says.
    pub(super) fn probe(&self, query: &str, timeout: Option<&[u8]>) -> Result<Probe, Refusal> {
        let ProbeQuery { hub, protocols, module } = ProbeQuery::parse(query)?;
        let hub = hub.or_else(|| self.allowed.only().cloned()).ok_or(Refusal::NoHub)?;
        let allowed_by = self.allowed.by(&hub).ok_or(Refusal::NotAllowed)?;
        let tested = &self.options.protocols;
        if let Some(other) = protocols.iter().find(|wanted| !tested.is_empty() && !tested.contains(wanted)) {
            return Err(Refusal::NotTested(*other));
        }
        let mut options = self.options.clone();
        if !protocols.is_empty() {
            // A port of a protocol that is not asked for is no choice any more.
            options.ports.retain(|protocol, _| protocols.contains(protocol));
            options.protocols = protocols;
        }
        let mut settings = self.settings.clone();
        settings.timeout = deadline::deadline(settings.timeout, timeout)?;
        settings.slow_timeout = None;
        settings.depth = module.depth();
        settings.experiments = module.experiments();
        // They count for the whole machine: for the probes beside this one, too.
        settings.counters = false;
        // Addresses that are options of the exporter are meant.
        settings.guarded = allowed_by == AllowedBy::Pattern && settings.addresses.is_empty();
        let (target, settings) = self.routing.apply(Target::new(hub, &options)?, settings)?;
        let checker = Checker::builder(target).settings(settings).build()?;
        Ok(Probe { checker, module, judging: self.judging.clone() })
    }
}

/// A check that may be made.
#[derive(Debug)]
pub(super) struct Probe {
    checker: Checker,
    module: Module,
    judging: Arc<Semaphore>,
}

impl Probe {
    /// Makes the check, and tells what it came to.
    pub(super) async fn run(self, exposition: Exposition) -> Result<String, SetupError> {
        let Self { checker, module, judging } = self;
        let observations = checker.observe().await?;
        // Where a whole fleet gives up at the same moment, its judgements take a while: beside the thread that answers, and
        // one by one, for others may be waiting for a processor.
        let _turn = judging.acquire_owned().await;
        let judged = blocking(move || {
            let diagnosis = crate::diagnose(&observations);
            exposition.encode(&metrics::of_report(&Report::new(observations, diagnosis), module))
        });
        Ok(judged.await?)
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, num::NonZeroUsize, time::Duration};

    use super::*;
    use crate::{exporter::Limits, hub::HubHost};

    fn prober(protocols: &[Protocol], require: &str) -> Prober {
        let hubs = ["contoso.azure-devices.net", "10.0.0.1"].map(|hub| HubHost::parse(hub).expect(hub));
        let mut settings = Settings::default();
        settings.requirement = require.parse().expect(require);
        Prober::new(ExporterConfig {
            allowed: Allowed::new(hubs, vec!["*.example.net".parse().expect("a pattern")]),
            options: TargetOptions {
                protocols: protocols.to_vec(),
                ports: BTreeMap::from([(Protocol::Mqtt, 18883)]),
                ..TargetOptions::default()
            },
            settings,
            routing: Routing::default(),
            most_probes: NonZeroUsize::MIN,
            limits: Limits::default(),
        })
    }

    #[test]
    fn a_request_chooses_among_what_was_allowed() {
        let prober = prober(&[], "any");
        let checks = |query: &str| {
            let probe = prober.probe(query, None).expect(query);
            let checks =
                probe.checker.target().checks.iter().map(|check| (check.endpoint.protocol.id(), check.endpoint.port));
            (checks.collect::<Vec<_>>(), probe.checker.settings().depth, probe.checker.settings().experiments)
        };
        use crate::hub::Depth::{Connect, Exchange};
        let all = vec![("mqtt", 18883), ("amqp", 5671), ("https", 443), ("mqtt-ws", 443), ("amqp-ws", 443)];
        assert_eq!(checks("hub=contoso.azure-devices.net"), (all.clone(), Exchange, false));
        assert_eq!(checks("hub=a.b.example.net&module=explain"), (all, Exchange, true));
        let some = vec![("mqtt", 18883), ("https", 443)];
        assert_eq!(checks("hub=10.0.0.1&module=connect&protocol=https,mqtt"), (some, Connect, false));
        assert_eq!(checks("hub=10.0.0.1&protocol=https"), (vec![("https", 443)], Exchange, false));
    }

    #[test]
    fn what_was_not_allowed_is_refused() {
        let refusal = |prober: &Prober, query: &str| prober.probe(query, None).expect_err(query);
        let open = prober(&[], "any");
        assert_eq!(refusal(&open, "hub=other.azure-devices.net"), Refusal::NotAllowed);
        assert_eq!(refusal(&open, "hub=10.0.0.2"), Refusal::NotAllowed);
        assert_eq!(refusal(&open, "hub=169.254.169.254&protocol=https"), Refusal::NotAllowed);
        let narrow = prober(&[Protocol::Mqtt, Protocol::Https], "mqtt");
        assert_eq!(refusal(&narrow, "hub=10.0.0.1&protocol=amqp"), Refusal::NotTested(Protocol::Amqp));
        let misfit = refusal(&narrow, "hub=10.0.0.1&protocol=https").to_string();
        assert!(misfit.starts_with("mqtt is required but not tested"), "{misfit}");
        let amazon = Prober {
            allowed: Allowed::new([], vec!["*.amazonaws.com".parse().expect("a pattern")]),
            options: TargetOptions::default(),
            ..open
        };
        let not_offered = refusal(&amazon, "hub=a-ats.iot.eu-west-1.amazonaws.com&protocol=amqp");
        assert!(matches!(not_offered, Refusal::Choice(TargetOptionsError::NotOffered { .. })), "{not_offered}");
    }

    #[test]
    fn the_scraper_s_patience_shortens_a_probe() {
        let prober = prober(&[], "any");
        let timeout =
            |header: Option<&[u8]>| prober.probe("hub=10.0.0.1", header).map(|probe| probe.checker.settings().timeout);
        assert_eq!(timeout(None), Ok(Duration::from_secs(15)));
        assert_eq!(timeout(Some(b"10")), Ok(Duration::from_millis(9500)));
        assert_eq!(timeout(Some(b"never")), Err(Refusal::Timeout(BadTimeout)));
    }
}
