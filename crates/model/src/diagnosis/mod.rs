//! Why it fails: pure rules from observations to causes. No I/O, no clock, no environment: a newer version can diagnose
//! a saved run years later.

pub(crate) mod across_hubs;
mod address_family;
mod attempt_context;
mod attempt_end;
mod attempt_verdict;
mod cause;
mod cause_entry;
mod cause_kind;
mod causes;
mod certificate_refusal;
mod certificate_validity;
mod check;
mod clear_http;
mod client_hellos;
mod code;
mod comparisons;
mod concurrency;
mod connack;
mod connect_answer;
mod connection_order;
mod dns;
mod egress;
mod evidence;
mod finding;
mod finding_content;
mod grouping;
mod hello_rejection;
mod http_answers;
mod hub_error;
mod hubs_own;
mod icmp;
mod judge;
mod judged_check;
mod list;
mod location;
mod missing_answer;
mod nat;
mod near_name;
mod occurrence;
mod ordered_set;
mod peer;
pub(crate) mod phrases;
mod presented_chain;
mod proxied;
mod proxy_answers;
mod rating;
mod recommend;
pub(crate) mod remedy;
mod routes;
pub(crate) mod scope;
mod side_by_side;
mod system;
pub(crate) mod text;
mod unanswered_syns;
mod unresolved;

pub use cause_entry::{Entry, Forgery};
pub use code::{Code, UnknownCode};
pub use finding::{CheckVerdict, Diagnosis, Finding, ProxySdkSettings, Recommendation, SdkSettings, Verdict};
pub use rating::{Confidence, Owner, Severity};

use self::{address_family::Family, grouping::CheckOccurrence};
use crate::observation::Observations;

pub use location::{Location, NextHop, completed_early, locate};

/// Decides what the observations mean. Total: any observations, hand-edited ones too, get a diagnosis.
pub fn diagnose(observations: &Observations) -> Diagnosis {
    let judged = routes::judge_all(observations);
    let offered = observations.checks.iter().zip(&judged).filter(|(_, judged)| judged.is_offered);
    let allowed_checks: Vec<_> =
        offered.map(|(check, judged)| (check.protocol, check.route, judged.verdict == Verdict::Allowed)).collect();
    let occurrences = observations.checks.iter().zip(&judged).flat_map(|(check, judged)| {
        judged.causes.iter().map(|occurrence| CheckOccurrence {
            check: &check.id,
            port: check.port,
            excused_by: judged.excused_by,
            route: check.route,
            occurrence: occurrence.clone(),
        })
    });
    Diagnosis {
        findings: grouping::findings(observations, occurrences.collect()),
        recommendation: recommend::recommend(observations, &judged),
        requirement_met: observations.requirement.is_met(&allowed_checks),
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
