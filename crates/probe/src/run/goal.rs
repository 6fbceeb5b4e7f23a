//! What a run is made for. One that is made for its requirement alone ends as soon as that is decided.

use super::partial_observations::PartialObservations;
use crate::{
    context::run_context::RunContext,
    diagnosis::{Code, Diagnosis, Severity, Verdict, diagnose},
    hub::{CheckId, Protocol, Requirement, Route},
};

/// When a run has done what it is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// Once every check and every experiment has ended.
    Everything,
    /// Once it is decided whether the requirement is met.
    Decision,
}

/// Watches the attempts, and stops the run once what may still come cannot change whether the requirement is met. Where
/// experiments are wanted, a requirement that is lost is left to them.
pub(crate) async fn stop_once_decided(context: &RunContext<'_>) {
    let mut ended = 0;
    while !context.state.is_complete() {
        let ended_by_now = context.state.ended_attempts();
        if ended_by_now > ended {
            ended = ended_by_now;
            let decided = context.partial_observations().and_then(|PartialObservations { observations, pending }| {
                let diagnosis = diagnose(&observations);
                let routes = observations.checks.iter().map(|check| (check.protocol, check.route));
                decided(
                    &observations.requirement,
                    routes.collect(),
                    &diagnosis,
                    &pending,
                    observations.hub.kind_assumed,
                )
            });
            if decided.is_some_and(|met| met || !context.settings.experiments) {
                return context.control.finish_early();
            }
        }
        context.state.changed().await;
    }
}

/// Whether the requirement is met whatever comes of the `pending` checks, or missed whatever comes of them.
fn decided(
    requirement: &Requirement,
    routes: Vec<(Protocol, Route)>,
    diagnosis: &Diagnosis,
    pending: &[CheckId],
    assumed: bool,
) -> Option<bool> {
    // A port that the hub refuses is forgiven once it answers at another, where it was merely assumed what it offers.
    let refused = |severity: Option<Severity>, id: &CheckId| {
        let of_it = diagnosis.findings.iter().filter(|finding| finding.code == Code::PortClosed);
        of_it
            .filter(|finding| severity.is_none_or(|wanted| wanted == finding.severity))
            .any(|finding| finding.affects.contains(id))
    };
    // Allowed at one address is allowed; not allowed is only what has been tried everywhere.
    let met_if = |pending_are_allowed: bool| {
        let may_be_forgiven = assumed && pending_are_allowed && !pending.is_empty();
        let severity = (!may_be_forgiven).then_some(Severity::Info);
        let counted = routes.iter().zip(&diagnosis.verdicts).filter(|(_, judged)| !refused(severity, &judged.id));
        let standing = counted.map(|((protocol, route), judged)| {
            let may_be = pending_are_allowed && pending.contains(&judged.id);
            (*protocol, *route, judged.verdict == Verdict::Allowed || may_be)
        });
        requirement.is_met(&standing.collect::<Vec<_>>())
    };
    match (met_if(false), met_if(true)) {
        (true, _) => Some(true),
        (_, false) => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::CheckVerdict;

    /// Two checks: what is known of MQTT and of HTTPS, `None` where it is to come.
    fn of(requirement: &str, mqtt: Option<Verdict>, https: Option<Verdict>) -> Option<bool> {
        let both = [("mqtt@direct", Protocol::Mqtt, mqtt), ("https@direct", Protocol::Https, https)];
        let verdicts = both.map(|(id, _, verdict)| CheckVerdict {
            id: id.into(),
            verdict: verdict.unwrap_or(Verdict::Unknown),
            summary: String::new(),
        });
        let pending = both.iter().filter(|(.., verdict)| verdict.is_none()).map(|(id, ..)| CheckId::from(*id));
        let diagnosis =
            Diagnosis { verdicts: verdicts.into(), findings: Vec::new(), recommendation: None, requirement_met: false };
        let routes = both.map(|(_, protocol, _)| (protocol, Route::Direct)).into();
        decided(&requirement.parse().expect("a requirement"), routes, &diagnosis, &pending.collect::<Vec<_>>(), false)
    }

    #[test]
    fn it_is_decided_once_nothing_that_comes_could_change_it() {
        let (allowed, blocked) = (Some(Verdict::Allowed), Some(Verdict::Blocked));
        for (requirement, mqtt, https, wanted) in [
            ("any", None, None, None),
            ("any", allowed, None, Some(true)),
            ("any", blocked, None, None),
            ("any", blocked, blocked, Some(false)),
            ("all", allowed, None, None),
            ("all", None, blocked, Some(false)),
            ("all", allowed, allowed, Some(true)),
            ("none", None, None, Some(true)),
            ("mqtt", allowed, None, Some(true)),
            ("mqtt", None, allowed, None),
            ("mqtt", blocked, None, Some(false)),
            ("mqtt", Some(Verdict::Declined), None, Some(false)),
            ("mqtt,https", allowed, None, None),
        ] {
            assert_eq!(of(requirement, mqtt, https), wanted, "{requirement} {mqtt:?} {https:?}");
        }
    }
}
