//! The observations of a run, assembled at its end or before.

use std::time::Duration;

use super::machine;
use crate::{
    context::{
        run_context::RunContext,
        settings::{NamedProxy, Settings},
    },
    hub::Check,
    net::{roots::Roots, transfer_meter::Transferred},
    observation::{
        Attempt, CheckObservations, Experiment, ExperimentRecord, ExperimentResult, HubSummary, LinkRate, LocalNetwork,
        Observations, ProxyObservations, Resolution, Vantage, millis,
    },
};

/// A link is slow if it transfers for longer than this. An ordinary link does not need it for a few handshakes, with
/// any round trip and any loss.
const SLOW_TRANSFER: Duration = Duration::from_millis(3500);

impl RunContext<'_> {
    /// The observations of the run.
    pub(crate) fn observations(
        &self,
        roots: &Roots,
        resolution: Resolution,
        checks: Vec<CheckObservations>,
    ) -> Observations {
        let Self { control, target, settings, .. } = *self;
        Observations {
            started_at: self.started_at.to_owned(),
            duration_ms: millis(self.state.now()),
            deadline_reached: control.deadline_reached(),
            partial: control.was_stopped(),
            vantage: vantage(roots, settings, machine::where_it_failed(self, &resolution, &checks)),
            hub: HubSummary {
                host: target.host.to_string(),
                kind: target.kind,
                kind_assumed: target.kind_assumed,
                roots: roots.hub.as_ref().map(|(_, source)| *source),
            },
            depth: settings.depth,
            role: settings.role,
            requirement: settings.requirement.clone(),
            resolution,
            proxy: self.proxy(),
            checks,
            experiments: self.experiments(),
        }
    }

    /// What is known of the proxy, if checks lead through one.
    fn proxy(&self) -> Option<ProxyObservations> {
        let (NamedProxy { proxy, source }, way) = (self.settings.proxy.as_ref()?, self.state.way_to_proxy()?);
        let snapshot = way.snapshot();
        Some(ProxyObservations {
            scheme: proxy.scheme(),
            host: proxy.host().to_string(),
            port: proxy.port(),
            has_credentials: proxy.credentials().is_some(),
            source: source.clone(),
            resolution: snapshot.resolution.unwrap_or_else(Resolution::cancelled),
            experiments: snapshot.experiments,
        })
    }

    /// Those that ran, and what is known without one.
    fn experiments(&self) -> Vec<Experiment> {
        let mut experiments = self.state.snapshot().experiments;
        let Transferred { bytes, busy } = self.control.transfer().transferred();
        if busy >= SLOW_TRANSFER {
            let rate = LinkRate { bytes, busy_ms: millis(busy) };
            let record = ExperimentRecord::Known(ExperimentResult::LinkRate(rate));
            experiments.push(Experiment { started_after_ms: 0.0, duration_ms: millis(self.state.now()), record });
        }
        experiments
    }
}

/// The observations of a check.
pub(crate) fn check_observations(check: &Check, duration_ms: f64, attempts: Vec<Attempt>) -> CheckObservations {
    CheckObservations {
        id: check.id.clone(),
        protocol: check.endpoint.protocol,
        port: check.endpoint.port,
        route: check.route,
        duration_ms,
        attempts,
    }
}

fn vantage(roots: &Roots, settings: &Settings, network: Option<LocalNetwork>) -> Vantage {
    let machine = settings.shared.machine();
    Vantage {
        host: machine.host,
        utc_offset_minutes: settings.shared.utc_offset_minutes(),
        os: std::env::consts::OS.to_owned(),
        gateway: machine.gateway,
        resolvers: match settings.resolvers.as_slice() {
            [] => machine.resolvers.unwrap_or_default(),
            named => named.iter().map(ToString::to_string).collect(),
        },
        unused_resolvers: match settings.resolvers.as_slice() {
            [] => machine.unused_resolvers,
            _ => Vec::new(),
        },
        proxy_settings: settings.proxy_settings.clone(),
        trust_store: roots.trust_store(),
        network,
    }
}
