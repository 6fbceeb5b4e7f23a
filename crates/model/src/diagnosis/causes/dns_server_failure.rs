//! SERVFAIL or REFUSED.

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        cause_kind::CauseKind,
        dns::ControlQueries,
        occurrence::Occurrence,
        scope::Scope,
        unresolved::{SystemFailure, UnresolvedReason, owner_of_answers},
    },
    observation::{Observations, Stage},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct DnsServerFailure {
    #[serde(skip)]
    failing: FailingResolver,
}

/// What fails.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum FailingResolver {
    #[default]
    Servers,
    /// A forwarder on this machine.
    Forwarder,
    /// The system's resolver itself.
    System,
}

impl CauseKind for DnsServerFailure {
    const ENTRY: Entry = Entry {
        stage: Stage::Resolve,
        severity: Severity::Error,
        owner: Owner::DnsAdmin,
        forgery: Forgery::OnlyTheAccused,
        explanation: "A name server answered that it cannot or will not look the name up. The hub itself may be fine: no \
            protocol could be tested.",
        proof: "The response code (SERVFAIL, REFUSED) of every name server that answers questions of our own. The system's \
            resolver alone reports it like a time-out, which leaves it `possible`.",
    };

    fn title(&self, scope: &Scope) -> String {
        match self.failing {
            FailingResolver::Servers => format!("The name servers fail to look up {}", scope.host()),
            FailingResolver::Forwarder => format!("The forwarder on this machine fails to look up {}", scope.host()),
            FailingResolver::System => format!("The system's resolver fails to look up {}", scope.host()),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        match self.failing {
            FailingResolver::Servers => {
                format!("Find out why the configured name servers do not resolve {}; their logs say it.", scope.host())
            }
            FailingResolver::Forwarder => format!(
                "See why this machine's own forwarder does not resolve {}: its log, and the name servers that it asks.",
                scope.host()
            ),
            FailingResolver::System => format!(
                "Try another program with {} on this machine; if it fails too, check the machine's resolver.",
                scope.host()
            ),
        }
    }

    fn of_resolution(run: &Observations) -> Option<(&'static str, Occurrence)> {
        let cause = |failing| Self { failing };
        let fail = "the name servers fail";
        match UnresolvedReason::of(run)? {
            UnresolvedReason::ServersFail(answers) => {
                let owner = owner_of_answers(&answers, Owner::DnsAdmin);
                let failing = if owner == Owner::Operator { FailingResolver::Forwarder } else { FailingResolver::Servers };
                // Servers on the link fail for want of this machine's way out, or of their own.
                let is_way_out_unknown = run.vantage.network.as_ref().is_some_and(|own| own.default_routes.is_none());
                let occurrence = Occurrence::confirmed(cause(failing))
                    .owner(owner)
                    .with_answers(&answers)
                    .or_possibly_if(is_way_out_unknown, Code::NoNetwork);
                Some(match ControlQueries::of(run).all_fail() {
                    true => (fail, occurrence.evidence("they fail for other names too")),
                    false => (fail, occurrence),
                })
            }
            UnresolvedReason::System(SystemFailure::Failure) => Some((
                fail,
                Occurrence::likely(cause(FailingResolver::Servers))
                    .evidence("the system's resolver reports a failure that another try will not mend"),
            )),
            UnresolvedReason::System(SystemFailure::TryAgainSoon) => Some((
                fail,
                Occurrence::possible(cause(FailingResolver::Servers), &[Code::DnsTimeout]).evidence(
                    "the system's resolver reports a temporary failure, which stands for a refusal as well as for silence",
                ),
            )),
            // The system's own trouble looks the same, so no one else is accused.
            UnresolvedReason::System(SystemFailure::Other) => Some((
                "the name cannot be resolved",
                Occurrence::possible(cause(FailingResolver::System), &[Code::DnsTimeout])
                    .owner(Owner::Operator)
                    .evidence("the system's resolver fails in a way that this program does not know"),
            )),
            _ => None,
        }
    }
}
