//! What the direct route tells of the checks through the proxy: the same protocol, at the same port, at the same time.

use super::{
    Code, Confidence, Owner, Severity, Verdict,
    causes::{port_closed, proxy_upstream_failure},
    judged_check::JudgedCheck,
    occurrence::Occurrence,
};
use crate::{
    hub::{Depth, Route},
    observation::{CheckObservations, Observations, ProxyObservations},
};

/// Lets the direct checks speak of those through the proxy, never the other way round.
pub(super) fn compare(observations: &Observations, judged: &mut [JudgedCheck]) {
    let at = |route: Route| observations.checks.iter().enumerate().filter(move |(_, check)| check.route == route);
    let siblings: Vec<(usize, usize)> = at(Route::Proxy)
        .filter_map(|(proxied, check)| Some((proxied, at(Route::Direct).find(|(_, other)| is_same(check, other))?.0)))
        .collect();
    for (proxied, direct) in siblings {
        let tells = judged.get(direct).and_then(|direct| Tells::of(observations, direct));
        if let (Some(tells), Some(one)) = (tells, judged.get_mut(proxied)) {
            tells.apply(one);
        }
    }
}

fn is_same(one: &CheckObservations, other: &CheckObservations) -> bool {
    (one.protocol, one.port) == (other.protocol, other.port)
}

/// What a direct check tells.
enum Tells<'a> {
    /// The hub answers here, so it is not the hub that fails through this proxy.
    HubAnswers(&'a ProxyObservations),
    /// The hub refuses the port, so it does to the proxy, too.
    HubRefuses { refused: Occurrence, is_offered: bool },
}

impl<'a> Tells<'a> {
    fn of(observations: &'a Observations, direct: &JudgedCheck) -> Option<Self> {
        let proxy = observations.proxy.as_ref()?;
        if direct.verdict == Verdict::Allowed {
            // A handshake shows that somebody is there, and no more; one of the hub's addresses that refuses it shows nothing.
            return (observations.depth != Depth::Connect).then_some(Self::HubAnswers(proxy));
        }
        let refused = direct.causes.iter().find(|cause| port_closed::is_for_the_proxy_too(cause))?;
        Some(Self::HubRefuses { refused: refused.clone(), is_offered: direct.is_offered })
    }

    fn apply(self, proxied: &mut JudgedCheck) {
        if proxied.verdict != Verdict::Blocked {
            return;
        }
        let causes = std::mem::take(&mut proxied.causes);
        proxied.causes = match self {
            Self::HubAnswers(proxy) => causes.into_iter().map(|cause| clear_the_hub(proxy, cause)).collect(),
            Self::HubRefuses { refused, is_offered } => {
                let is_symptom = |cause: &Occurrence| cause.code() == Code::ProxyUpstreamFailure;
                if !causes.iter().any(is_symptom) {
                    proxied.causes = causes;
                    return;
                }
                proxied.is_offered = is_offered;
                let symptom = |cause: Occurrence| match is_symptom(&cause) {
                    true if !is_offered => cause.symptom_of(Code::PortClosed).severity(Severity::Info),
                    true => cause.symptom_of(Code::PortClosed),
                    false => cause,
                };
                causes.into_iter().map(symptom).chain([refused]).collect()
            }
        };
    }
}

/// The hub works, and its name is right: what fails through the proxy is for the proxy's administrator.
fn clear_the_hub(proxy: &ProxyObservations, cause: Occurrence) -> Occurrence {
    if cause.severity == Severity::Info || cause.confidence() == Confidence::Confirmed {
        return cause;
    }
    let cause = match (cause.code(), cause.owner) {
        (Code::CertificateNameMismatch, _) if cause.symptom_of.is_none() => {
            proxy_upstream_failure::leads_elsewhere(proxy, cause)
        }
        // Its filter of addresses may know this device's, and not the proxy's.
        (Code::PeerClosed, _) => cause,
        (_, Owner::HubOwner) => cause.owner(Owner::ProxyAdmin),
        _ => return cause,
    };
    cause.evidence("directly, the hub answers at the same time")
}
