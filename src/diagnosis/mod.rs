//! WHY: pure rules from observations to causes. No I/O, no clock, no environment: what a technician saved can be judged
//! again, by a newer version, years later.

pub mod catalogue;
mod cause;
mod check;
mod code;
mod finding;
mod group;
mod hellos;
mod judgement;
mod names;
mod place;
mod recommend;
mod rules;
mod scene;
mod template;

pub use code::{Code, UnknownCode};
pub use finding::{
    CheckVerdict, Confidence, Diagnosis, Finding, Location, NextHop, Owner, Recommendation, SdkSettings, Severity,
    Verdict,
};

use self::{check::Judged, group::Sighting};
use crate::observation::{Observations, Outcome};

pub use place::{completed_early, place};

/// Decides what the observations mean. Total: any observations, hand-edited ones too, get a diagnosis.
pub fn diagnose(seen: &Observations) -> Diagnosis {
    let judged: Vec<Judged> = match (seen.resolution.outcome, rules::resolve::failed(seen)) {
        (Outcome::Failed, Some((summary, cause))) => {
            seen.checks.iter().map(|_| check::without_address(&summary, Some(cause.clone()))).collect()
        }
        (Outcome::Cancelled, _) => {
            seen.checks.iter().map(|_| check::without_address("cut short while the name was resolved", None)).collect()
        }
        _ => check::judge_all(seen),
    };
    let partial = rules::resolve::partial(seen);
    let allowed: Vec<_> = seen
        .checks
        .iter()
        .zip(&judged)
        .map(|(check, judged)| (check.protocol, check.route, judged.verdict == Verdict::Allowed))
        .collect();
    let sightings = seen.checks.iter().zip(&judged).flat_map(|(check, judged)| {
        judged.causes.iter().chain(&partial).map(|cause| Sighting {
            check: &check.id,
            port: check.port,
            cause: cause.clone(),
        })
    });
    Diagnosis {
        findings: group::findings(seen, sightings.collect()),
        recommendation: recommend::recommend(seen, &allowed),
        requirement_met: seen.requirement.is_met(&allowed),
        verdicts: seen
            .checks
            .iter()
            .zip(judged)
            .map(|(check, judged)| CheckVerdict {
                id: check.id.clone(),
                verdict: judged.verdict,
                summary: judged.summary,
            })
            .collect(),
    }
}
