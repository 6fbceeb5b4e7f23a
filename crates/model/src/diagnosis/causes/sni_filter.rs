//! The hub's name in the ClientHello is what is stopped. Here hellos with other names are compared, whatever that shows.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_end::AttemptEnd,
        cause_kind::CauseKind,
        client_hellos::{Segments, SniComparison},
        evidence::Statement,
        location,
        occurrence::Occurrence,
        phrases,
        rejection::{self, HelloRejected},
        scope::Scope,
        verdict::{AttemptOutcome, AttemptVerdict},
    },
    observation::{Stage, TlsFailure, kind},
};

/// Alert number of RFC 6066, section 9: a server's own word for a name that it does not serve.
const UNRECOGNIZED_NAME: u8 = 112;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct SniFilter {
    /// So near the hub, its own edge may be what stops it.
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
        let at = scope.located().map(|place| format!(", at {place}")).unwrap_or_default();
        format!("Exempt {host} from the rule that stops TLS on {tcp} by its name{at}.{edge}")
    }

    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        let Some(failure) = comparable(context, &verdict) else { return verdict };
        match context.names_compared() {
            SniComparison::OnlyTheHubs(times) => only_the_hubs(context, failure, verdict, times),
            SniComparison::AnyName => verdict.explained(|cause| cause.evidence(Observed::AnyName)),
            SniComparison::Alike => {
                verdict.explained(|cause| cause.without(Code::SniFilter).evidence(Observed::OthersAlike))
            }
            SniComparison::NoneSent => verdict.explained(|cause| cause.without(Code::SniFilter)),
            SniComparison::Unlike => verdict.explained(|cause| cause.evidence(Observed::OthersUnlike)),
            SniComparison::NotKnown => verdict,
        }
    }
}

/// How TLS failed, where a comparison of hellos can say more of it.
pub(super) fn comparable<'a>(context: AttemptContext<'a>, verdict: &AttemptVerdict) -> Option<&'a TlsFailure> {
    let AttemptEnd::Tls(failure) = context.ended() else { return None };
    // What smaller segments mend is nobody's filter, and what is no TLS has no names.
    let explained = verdict.causes.iter().any(|cause| cause.code() == Code::PathMtuBlackhole);
    let is_tls = !matches!(failure, TlsFailure::NotTls { .. });
    (is_tls && !explained && verdict.outcome == AttemptOutcome::Blocked).then_some(failure)
}

fn only_the_hubs(
    context: AttemptContext<'_>,
    failure: &TlsFailure,
    verdict: AttemptVerdict,
    times: usize,
) -> AttemptVerdict {
    let observed = Observed::OnlyTheHubs { times };
    // A server that does not know the name says so itself.
    if matches!(failure, TlsFailure::Alert { code: UNRECOGNIZED_NAME, .. }) {
        return verdict.explained(|cause| cause.evidence(observed.clone()));
    }
    let silent = matches!(failure, TlsFailure::TimedOut { acknowledged, .. } if *acknowledged != Some(false));
    let paths = context.comparisons.paths_to(context.address());
    let rejected = HelloRejected::of(context);
    let location = match &rejected {
        Some(rejected) => rejected.location.clone(),
        None if rejection::is_called_unreachable(context) => None,
        None => context.shown::<kind::HelloPath>().and_then(|hellos| location::name_filter(hellos, paths)),
    };
    let cause = SniFilter { near_the_hub: !location::is_clear_of_the_hub(location.as_ref()) };
    let occurrence = match times {
        // The other name's certificate may be the smaller one.
        _ if silent && context.segments_compared() == Segments::NotKnown => {
            Occurrence::likelier_than(cause, Code::PathMtuBlackhole)
        }
        2.. => Occurrence::confirmed(cause),
        _ => Occurrence::likely(cause),
    };
    let occurrence = occurrence.evidence_of(verdict.causes).evidence(observed);
    let port = context.port();
    let occurrence = match (&rejected, &location) {
        (Some(rejected), _) if rejected.by_the_hub => {
            occurrence.owner(Owner::HubOwner).forgeable_by(Forgery::AnyoneOnPath).evidence(rejected.said(port))
        }
        (Some(rejected), _) => occurrence.evidence(rejected.said(port)),
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
    OnlyTheHubs { times: usize },
    AnyName,
    OthersAlike,
    OthersUnlike,
    EndsAt { port: u16, hop: u8 },
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnlyTheHubs { times } => write!(
                f,
                "the same address and port answers another name with a ServerHello at the same moment, and never the hub's \
                 (tried {times} times each)"
            ),
            Self::AnyName => write!(
                f,
                "the same hello without a name is answered at the same moment; with another name it fares like with the \
                 hub's: whatever stops it knows neither, which may be the server itself"
            ),
            Self::OthersAlike => write!(f, "another name in the hello, and none at all, fares no better"),
            Self::OthersUnlike => {
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
