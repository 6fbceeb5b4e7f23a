//! The verdict of checks through the proxy. The way to the proxy is judged as the way to a hub is, by the same rules; what
//! follows it is judged without any of what a direct connection would show.

use std::collections::HashSet;

use super::{
    Code, Owner, Verdict,
    causes::proxy_unreachable,
    check,
    judged_check::JudgedCheck,
    occurrence::Occurrence,
    routes::{judge_direct, without_address},
};
use crate::{
    hub::{Depth, HubKind, Protocol, ProxyScheme, Route},
    observation::{
        Attempt, CheckObservations, Experiment, ExperimentKind, HubSummary, Observations, ProxyObservations,
        Resolution, kind,
    },
};

/// The verdict of every check of `observations`, which has only checks through the proxy. `direct` is the verdict of the
/// same run's other checks.
pub(super) fn judge(observations: &Observations, direct: &[JudgedCheck]) -> Vec<JudgedCheck> {
    let Some(proxy) = &observations.proxy else {
        let unknown = |_| JudgedCheck::without_address("no proxy is recorded", None);
        return observations.checks.iter().map(unknown).collect();
    };
    let of_direct: HashSet<Code> = direct.iter().flat_map(|check| &check.causes).map(Occurrence::code).collect();
    let way = judge_direct(&way_to(proxy, observations));
    // This kind of proxy is given an address: without one it was not asked.
    let unasked = (proxy.scheme == ProxyScheme::Socks5).then(|| without_address(observations)).flatten();
    let beyond = check::judge_all(&beyond(observations));
    let reached = |(way, beyond): (JudgedCheck, JudgedCheck)| match way.verdict {
        Verdict::Allowed => {
            let beyond = unasked.clone().unwrap_or_else(|| JudgedCheck {
                causes: beyond.causes.into_iter().map(seen_through_proxy).collect(),
                ..beyond
            });
            let faults = proxy_unreachable::faults(proxy, way, &of_direct);
            JudgedCheck { causes: beyond.causes.into_iter().chain(faults).collect(), ..beyond }
        }
        Verdict::Blocked | Verdict::Declined | Verdict::Unknown => proxy_unreachable::instead(proxy, way, &of_direct),
    };
    way.into_iter().zip(beyond).map(reached).collect()
}

/// The way to the proxy, as if it were a hub to which only TCP handshakes were made.
fn way_to(proxy: &ProxyObservations, observations: &Observations) -> Observations {
    let handshake = |attempt: &Attempt| Attempt { connect: attempt.connect.clone(), ..Attempt::new(attempt.address) };
    let check = |check: &CheckObservations| CheckObservations {
        protocol: Protocol::Https,
        port: proxy.port,
        route: Route::Direct,
        attempts: check.attempts.iter().map(handshake).collect(),
        ..check.clone()
    };
    let mut way = observations.clone();
    (way.vantage.proxy_settings, way.proxy) = (Vec::new(), None);
    Observations {
        hub: HubSummary { host: proxy.host.clone(), kind: HubKind::HttpsEndpoint, kind_assumed: false, roots: None },
        depth: Depth::Connect,
        resolution: proxy.resolution.clone(),
        checks: observations.checks.iter().map(check).collect(),
        experiments: proxy.experiments.clone(),
        ..way
    }
}

/// What follows the way to the proxy. The hub's own name, addresses and path were not used.
fn beyond(observations: &Observations) -> Observations {
    let mut beyond = observations.clone();
    beyond.resolution = Resolution::default();
    beyond.vantage.network = None;
    beyond.experiments.retain(|experiment: &Experiment| {
        experiment.known().is_some_and(|result| result.kind() == kind::ProxyConnect::WORD)
    });
    for check in &mut beyond.checks {
        check.attempts.retain(|attempt| attempt.connect.is_ok());
        // One address of the proxy is enough.
        if check.attempts.iter().any(|attempt| attempt.has_arrived(observations.depth)) {
            check.attempts.retain(|attempt| attempt.has_arrived(observations.depth));
        }
    }
    beyond
}

/// What a proxy hides is its administrator's to look at: from here nobody sees the network behind it.
fn seen_through_proxy(cause: Occurrence) -> Occurrence {
    let cause = cause.located(None).replacing(Code::DnsHijack, Code::ProxyUpstreamFailure);
    match cause.owner {
        Owner::FirewallOwner | Owner::NetworkAdmin => cause.owner(Owner::ProxyAdmin).at_most_likely(),
        // Where the proxy opens TLS, it is what the hub would be blamed for.
        Owner::HubOwner if cause.symptom_of == Some(Code::TlsIntercepted) => cause.owner(Owner::ProxyAdmin),
        _ => cause,
    }
}
