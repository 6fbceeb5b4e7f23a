//! SERVFAIL or REFUSED.

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        cause_kind::CauseKind,
        names::Controls,
        occurrence::Occurrence,
        scope::Scope,
        unresolved::{SystemSays, Why, owner_of},
    },
    observation::{Observations, Stage},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct DnsServerFailure {
    #[serde(skip)]
    who: Who,
}

/// Who fails.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Who {
    #[default]
    Servers,
    /// A forwarder on this machine.
    Forwarder,
    /// The system's resolver, in a way of its own.
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
        match self.who {
            Who::Servers => format!("The name servers fail to look up {}", scope.host()),
            Who::Forwarder => format!("The forwarder on this machine fails to look up {}", scope.host()),
            Who::System => format!("The system's resolver fails to look up {}", scope.host()),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        match self.who {
            Who::Servers => {
                format!("Find out why the configured name servers do not resolve {}; their logs say it.", scope.host())
            }
            Who::Forwarder => format!(
                "See why this machine's own forwarder does not resolve {}: its log, and the name servers that it asks.",
                scope.host()
            ),
            Who::System => format!(
                "Try another program with {} on this machine; if it fails too, check the machine's resolver.",
                scope.host()
            ),
        }
    }

    fn of_resolution(run: &Observations) -> Option<(&'static str, Occurrence)> {
        let cause = |who| Self { who };
        let fail = "the name servers fail";
        match Why::of(run)? {
            Why::ServersFail(answers) => {
                let owner = owner_of(&answers, Owner::DnsAdmin);
                let who = if owner == Owner::Operator { Who::Forwarder } else { Who::Servers };
                let occurrence = Occurrence::confirmed(cause(who)).owner(owner).said_by(&answers);
                Some(match Controls::of(run).all_fail() {
                    true => (fail, occurrence.evidence("they fail for other names too")),
                    false => (fail, occurrence),
                })
            }
            Why::System(SystemSays::Failure) => Some((
                fail,
                Occurrence::likely(cause(Who::Servers))
                    .evidence("the system's resolver reports a failure that another try will not mend"),
            )),
            Why::System(SystemSays::TryAgainSoon) => Some((
                fail,
                Occurrence::possible(cause(Who::Servers), &[Code::DnsTimeout]).evidence(
                    "the system's resolver reports a temporary failure, which stands for a refusal as well as for silence",
                ),
            )),
            // The system's own trouble reads so too: nobody else is accused of it.
            Why::System(SystemSays::Other) => Some((
                "the name cannot be resolved",
                Occurrence::possible(cause(Who::System), &[Code::DnsTimeout])
                    .owner(Owner::Operator)
                    .evidence("the system's resolver fails in a way that this program does not know"),
            )),
            _ => None,
        }
    }
}
