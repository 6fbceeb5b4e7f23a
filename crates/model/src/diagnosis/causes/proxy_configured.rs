//! A proxy is configured, and the direct route is stopped.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Confidence, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_verdict::{AttemptOutcome, AttemptVerdict},
        cause_kind::CauseKind,
        evidence::Statement,
        occurrence::Occurrence,
        scope::Scope,
        text::clipped,
    },
    hub::Route,
    observation::{Observations, Outcome, Stage, Vantage},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct ProxyConfigured {
    /// Its address, without credentials.
    proxy: String,
}

impl CauseKind for ProxyConfigured {
    const ENTRY: Entry = Entry {
        stage: Stage::Connect,
        severity: Severity::Info,
        owner: Owner::Operator,
        forgery: Forgery::Nobody,
        explanation: "This machine's environment names a proxy, and the direct way to the hub is stopped: the site may want \
            devices to go through the proxy. What this program tests is the direct way; the proxy was not asked.",
        proof: "An environment variable that programs take their proxy from, which `NO_PROXY` does not undo for this hub.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!(
            "A proxy is configured here ({}), and the direct way is stopped",
            scope.or_placeholder("PROXY", &self.proxy)
        )
    }

    fn fix(&self, _: &Scope) -> String {
        "Ask whether devices are to use it: through it they need a WebSocket variant or HTTPS.".to_owned()
    }

    /// Where a proxy is the only way out, only the proxy may be able to resolve public names.
    fn of_run(run: &Observations) -> Option<Occurrence> {
        (run.resolution.outcome == Outcome::Failed).then(|| of(&run.vantage, Stage::Resolve))?
    }

    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        if verdict.outcome != AttemptOutcome::Blocked
            || context.check.route != Route::Direct
            || !is_stopped_on_the_way(&verdict)
        {
            return verdict;
        }
        match of(&context.observations.vantage, Stage::Connect) {
            Some(occurrence) => verdict.with(occurrence),
            None => verdict,
        }
    }
}

fn of(vantage: &Vantage, stage: Stage) -> Option<Occurrence> {
    let proxy = clipped(vantage.proxy.as_ref()?);
    let observed = Observed { proxy: proxy.clone(), source: vantage.proxy_source.as_deref().map(clipped) };
    Some(Occurrence::confirmed(ProxyConfigured { proxy }).at_stage(stage).evidence(observed))
}

/// Whether something stops the direct route to the hub. A proxy does not help if the hub itself refuses, or someone
/// answers in its place.
fn is_stopped_on_the_way(verdict: &AttemptVerdict) -> bool {
    let stops = |cause: &Occurrence| {
        let looks_like_hub_response = cause.owner == Owner::HubOwner && cause.confidence() == Confidence::Confirmed;
        cause.severity == Severity::Error
            && matches!(cause.stage, Stage::Connect | Stage::Tls)
            && !looks_like_hub_response
    };
    !verdict.meets_stranger() && verdict.causes.iter().any(stops)
}

#[derive(Debug, Clone, PartialEq)]
struct Observed {
    proxy: String,
    source: Option<String>,
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Some(source) => write!(f, "{source} names the proxy {}", self.proxy)?,
            None => write!(f, "the proxy {} is configured", self.proxy)?,
        }
        write!(f, "; it was not asked")
    }
}
