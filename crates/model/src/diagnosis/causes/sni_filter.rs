//! The hub's name in the ClientHello is what is stopped. This file also adds the evidence of the comparison to other
//! causes.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_end::AttemptEnd,
        attempt_verdict::{AttemptOutcome, AttemptVerdict},
        cause_kind::CauseKind,
        client_hellos::{SegmentComparison, SniComparison},
        evidence::Statement,
        hello_rejection::{self, HelloRejection},
        location,
        occurrence::Occurrence,
        phrases,
        scope::Scope,
    },
    observation::{Stage, TlsFailure, kind},
};

/// Alert number of RFC 6066, section 9: the server itself does not serve the name.
const UNRECOGNIZED_NAME_ALERT: u8 = 112;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct SniFilter {
    /// The location is so close to the hub that the hub's own edge may be what stops it.
    #[serde(skip)]
    near_the_hub: bool,
}

impl CauseKind for SniFilter {
    const ENTRY: Entry = Entry {
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::FirewallOwner,
        forgery: Forgery::OnlyTheAccused,
        explanation: "The connection is made, but a firewall reads the hub's name in the first TLS message and stops it.",
        proof: "The same address and port answers a hello with another name at the same moment and never the one with the \
            hub's, twice each, and smaller segments do not mend it. Nothing is sent after those hellos. The place, where it is \
            known: hellos that may take only a few hops, with both names, or the ICMP error that answers a SYN with the hub's \
            name in it (needs Linux).",
    };

    fn title(&self, scope: &Scope) -> String {
        format!("A firewall stops TLS to {} by its name", scope.host())
    }

    fn fix(&self, scope: &Scope) -> String {
        let (host, tcp) = (scope.host(), scope.tcp());
        let edge = match self.near_the_hub {
            true => " So near the hub its own edge may be what stops it: ask the hub's owner too.",
            false => "",
        };
        let at = scope.location_text().map(|location| format!(", at {location}")).unwrap_or_default();
        format!("Exempt {host} from the rule that stops TLS on {tcp} by its name{at}.{edge}")
    }

    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        let Some(failure) = comparable_failure(context, &verdict) else { return verdict };
        match context.names_compared() {
            SniComparison::OnlyHubName(times) => only_hub_name(context, failure, verdict, times),
            SniComparison::OnlyNameless => verdict.map_causes(|cause| cause.evidence(Observed::OnlyNameless)),
            SniComparison::AllAlike => verdict
                .map_causes(|cause| cause.ruling_out_or_proxied(Code::SniFilter).evidence(Observed::OthersFailAlike)),
            SniComparison::NoneSent => verdict.map_causes(|cause| cause.ruling_out_or_proxied(Code::SniFilter)),
            SniComparison::AllFailDifferently => {
                verdict.map_causes(|cause| cause.evidence(Observed::OthersFailDifferently))
            }
            SniComparison::NotKnown => verdict,
        }
    }
}

/// How TLS failed, if a comparison of hellos can explain it further.
pub(super) fn comparable_failure<'a>(context: AttemptContext<'a>, verdict: &AttemptVerdict) -> Option<&'a TlsFailure> {
    let AttemptEnd::Tls(failure) = context.ended() else { return None };
    // If smaller segments help, it is not a filter; a peer that does not speak TLS does not read names.
    let explained = verdict.causes.iter().any(|cause| cause.code() == Code::PathMtuBlackhole);
    let is_tls = !matches!(failure, TlsFailure::NotTls { .. });
    (is_tls && !explained && verdict.outcome == AttemptOutcome::Blocked).then_some(failure)
}

fn only_hub_name(
    context: AttemptContext<'_>,
    failure: &TlsFailure,
    verdict: AttemptVerdict,
    times: usize,
) -> AttemptVerdict {
    let observed = Observed::OnlyHubName { times };
    // The server itself says that it does not know the name.
    if matches!(failure, TlsFailure::Alert { code: UNRECOGNIZED_NAME_ALERT, .. }) {
        return verdict.map_causes(|cause| cause.evidence(observed.clone()));
    }
    let silent = matches!(failure, TlsFailure::TimedOut { acknowledged, .. } if *acknowledged != Some(false));
    let paths = context.comparisons.paths_to(context.address());
    let rejected = HelloRejection::of(context);
    let location = match &rejected {
        Some(rejected) => rejected.location.clone(),
        None if hello_rejection::got_icmp_error(context) => None,
        None => context.first_result::<kind::HelloPath>().and_then(|hellos| location::name_filter(hellos, paths)),
    };
    let cause = SniFilter { near_the_hub: !location::is_clear_of_hub_edge(location.as_ref()) };
    let occurrence = match times {
        // The other name's certificate may be smaller.
        _ if silent && context.segments_compared() == SegmentComparison::NotKnown => {
            Occurrence::likelier_than(cause, Code::PathMtuBlackhole)
        }
        2.. => Occurrence::confirmed(cause),
        _ => Occurrence::likely(cause),
    };
    let occurrence = occurrence.evidence_from(verdict.causes).evidence(observed);
    let port = context.port();
    let occurrence = match (&rejected, &location) {
        (Some(rejected), _) if rejected.by_the_hub => {
            occurrence.owner(Owner::HubOwner).forgeable_by(Forgery::AnyoneOnPath).evidence(rejected.as_evidence(port))
        }
        (Some(rejected), _) => occurrence.evidence(rejected.as_evidence(port)),
        (None, Some(location)) => occurrence.evidence(Observed::EndsAt { port, hop: location.hop }),
        (None, None) => occurrence,
    };
    let summary = match &location {
        Some(location) => format!("stopped by name at {}", phrases::located(location)),
        None => format!("stopped by the hub's name: {}", verdict.summary),
    };
    AttemptVerdict::blocked(summary, occurrence.located(location))
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    OnlyHubName { times: usize },
    OnlyNameless,
    OthersFailAlike,
    OthersFailDifferently,
    EndsAt { port: u16, hop: u8 },
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnlyHubName { times } => write!(
                f,
                "the same address and port answers another name with a ServerHello at the same moment, and never the hub's \
                 (tried {times} times each)"
            ),
            Self::OnlyNameless => write!(
                f,
                "the same hello without a name is answered at the same moment; with another name it fares like with the \
                 hub's: whatever stops it knows neither, which may be the server itself"
            ),
            Self::OthersFailAlike => write!(f, "another name in the hello, and none at all, fares no better"),
            Self::OthersFailDifferently => {
                write!(f, "with another name in the hello, or none, the answer is another, but no ServerHello either")
            }
            Self::EndsAt { port, hop } => write!(
                f,
                "hellos to port {port} with the hub's name that may take only a few hops get no further than hop {hop}, \
                 those with another name do"
            ),
        }
    }
}
