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
    observation::{Observations, Outcome, ProxySetting, Stage, WhyUnused},
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
        explanation: "A setting on this machine names a proxy that was not asked, and the direct way to the hub is stopped: the \
            site may want devices to go through the proxy. The setting is one that programs such as this one do not read, or \
            it cannot be used, or the route through the proxy was left out. `--proxy` tests it.",
        proof: "The setting itself, and where it stands.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!(
            "A proxy is configured here ({}) and was not asked, and the direct way is stopped",
            scope.or_placeholder("PROXY", &self.proxy)
        )
    }

    fn fix(&self, scope: &Scope) -> String {
        let proxy = scope.or_placeholder("PROXY", &self.proxy);
        format!(
            "Ask whether devices are to use it, and test it with `--proxy {proxy}`: through it they need a WebSocket variant or \
             HTTPS."
        )
    }

    /// Where a proxy is the only way out, only the proxy may be able to resolve public names.
    fn of_run(run: &Observations) -> Option<Occurrence> {
        (run.resolution.outcome == Outcome::Failed).then(|| of(run, Stage::Resolve))?
    }

    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        if verdict.outcome != AttemptOutcome::Blocked
            || context.check.route != Route::Direct
            || !is_stopped_on_the_way(&verdict)
        {
            return verdict;
        }
        match of(context.observations, Stage::Connect) {
            Some(occurrence) => verdict.with(occurrence),
            None => verdict,
        }
    }
}

fn connects_anywhere(run: &Observations) -> bool {
    run.checks.iter().flat_map(|check| &check.attempts).any(|attempt| attempt.connect.is_ok())
}

fn of(run: &Observations, stage: Stage) -> Option<Occurrence> {
    // A proxy that was asked has findings of its own.
    if run.proxy.is_some() {
        return None;
    }
    let is_candidate = |setting: &&ProxySetting| {
        match setting.unused {
            // Perhaps by mistake, if nothing gets through to the hub otherwise.
            Some(WhyUnused::Excepted { .. }) => stage == Stage::Connect && !connects_anywhere(run),
            Some(WhyUnused::Unusable { .. }) => true,
            Some(_) => setting.url.is_some() || setting.pac.is_some(),
            None => false,
        }
    };
    let setting = run.vantage.proxy_settings.iter().find(is_candidate)?;
    let proxy = clipped(setting.url.as_ref().or(setting.pac.as_ref()).unwrap_or(&setting.source));
    let observed = Observed {
        proxy: proxy.clone(),
        source: clipped(&setting.source),
        is_pac: setting.url.is_none(),
        unused: setting.unused.clone(),
    };
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
    source: String,
    is_pac: bool,
    unused: Option<WhyUnused>,
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { proxy, source, is_pac, unused } = self;
        if let Some(WhyUnused::Excepted { by, entry }) = unused {
            let (by, entry) = (clipped(by), clipped(entry));
            return write!(f, "{source} names the proxy {proxy}, and {by} excepts this hub by its entry {entry}");
        }
        if let Some(WhyUnused::Unusable { message }) = unused {
            return write!(f, "what {source} holds cannot be used as a proxy: {}", clipped(message));
        }
        match is_pac {
            true => write!(f, "{source} names a file to compute the proxy from, {proxy}")?,
            false => write!(f, "{source} names the proxy {proxy}")?,
        }
        match unused {
            Some(WhyUnused::ForOthers) => write!(f, "; this program does not go by that setting"),
            Some(WhyUnused::NotWanted) => write!(f, "; the route through it was left out"),
            _ => write!(f, "; it was not asked"),
        }
    }
}
