//! WHY: pure rules from observations to causes. No I/O, no clock, no environment: what a technician saved can be judged
//! again, by a newer version, years later.

pub(crate) mod alike;
mod attempt_context;
mod attempt_end;
mod cause;
mod cause_kind;
mod causes;
mod check;
mod clear_http;
mod client_hellos;
mod code;
mod comparisons;
mod connack;
mod connect_answer;
mod crowd;
mod distinct;
mod entry;
mod evidence;
mod family;
mod finding;
mod group;
mod http_answers;
mod hub_error;
mod hubs_own;
mod icmp;
mod judge;
mod judged_check;
mod list;
mod location;
mod missing_answer;
mod names;
mod nat;
mod near_name;
mod occurrence;
mod peer;
pub(crate) mod phrases;
mod presented;
mod rating;
mod recommend;
mod refusal;
mod rejection;
pub(crate) mod remedy;
pub(crate) mod scope;
pub(crate) mod text;
mod told;
mod turns;
mod unanswered;
mod unresolved;
mod validity;
mod verdict;
mod way_out;

pub use code::{Code, UnknownCode};
pub use entry::{Entry, Forgery};
pub use finding::{CheckVerdict, Diagnosis, Finding, Recommendation, SdkSettings, Verdict};
pub use rating::{Confidence, Owner, Severity};

use self::{family::Family, group::CheckOccurrence, judged_check::JudgedCheck, unresolved::Asked};
use crate::observation::{Observations, Outcome};

pub use location::{Location, NextHop, completed_early, locate};

/// Decides what the observations mean. Total: any observations, hand-edited ones too, get a diagnosis.
pub fn diagnose(observations: &Observations) -> Diagnosis {
    let judged: Vec<JudgedCheck> = match (observations.resolution.outcome, causes::of_resolution(observations)) {
        // Without a network the lookup was not waited for.
        (Outcome::Failed | Outcome::Cancelled, Some((summary, occurrence))) => {
            let occurrence = occurrence.evidence(Asked::of(observations));
            observations
                .checks
                .iter()
                .map(|_| JudgedCheck::without_address(summary, Some(occurrence.clone())))
                .collect()
        }
        (Outcome::Cancelled, _) => observations
            .checks
            .iter()
            .map(|_| JudgedCheck::without_address("cut short while the name was resolved", None))
            .collect(),
        _ => check::judge_all(observations),
    };
    let of_run = causes::of_run(observations);
    let offered = observations.checks.iter().zip(&judged).filter(|(_, judged)| judged.is_offered);
    let standing: Vec<_> =
        offered.map(|(check, judged)| (check.protocol, check.route, judged.verdict == Verdict::Allowed)).collect();
    let sightings = observations.checks.iter().zip(&judged).flat_map(|(check, judged)| {
        judged.causes.iter().chain(&of_run).map(|occurrence| CheckOccurrence {
            check: &check.id,
            port: check.port,
            occurrence: occurrence.clone(),
        })
    });
    Diagnosis {
        findings: group::findings(observations, sightings.collect()),
        recommendation: recommend::recommend(observations, &judged),
        requirement_met: observations.requirement.is_met(&standing),
        verdicts: observations
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
