//! SERVFAIL or REFUSED.

use serde::Serialize;

use super::CauseKind;
use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        occurrence::Occurrence,
        scope::Scope,
        unresolved::{SystemSays, Why},
    },
    observation::{Observations, Stage},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct DnsServerFailure {
    /// The system's resolver fails in a way of its own.
    #[serde(skip)]
    is_the_systems: bool,
}

impl CauseKind for DnsServerFailure {
    const ENTRY: Entry = Entry {
        word: "dns-server-failure",
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
        match self.is_the_systems {
            false => format!("The name servers fail to look up {}", scope.host()),
            true => format!("The system's resolver fails to look up {}", scope.host()),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        match self.is_the_systems {
            false => {
                format!("Find out why the configured name servers do not resolve {}; their logs say it.", scope.host())
            }
            true => format!(
                "Try another program with {} on this machine; if it fails too, check the machine's resolver.",
                scope.host()
            ),
        }
    }

    fn of_resolution(run: &Observations) -> Option<(&'static str, Occurrence)> {
        let cause = |is_the_systems| Self { is_the_systems };
        let fail = "the name servers fail";
        match Why::of(run)? {
            Why::ServersFail(answers) => Some((fail, Occurrence::confirmed(cause(false)).said_by(&answers))),
            Why::System(SystemSays::Failure) => Some((
                fail,
                Occurrence::likely(cause(false))
                    .evidence("the system's resolver reports a failure that another try will not mend"),
            )),
            Why::System(SystemSays::TryAgainSoon) => Some((
                fail,
                Occurrence::possible(cause(false), &[Code::DnsTimeout]).evidence(
                    "the system's resolver reports a temporary failure, which stands for a refusal as well as for silence",
                ),
            )),
            // The system's own trouble reads so too: nobody else is accused of it.
            Why::System(SystemSays::Other) => Some((
                "the name cannot be resolved",
                Occurrence::possible(cause(true), &[Code::DnsTimeout])
                    .owner(Owner::Operator)
                    .evidence("the system's resolver fails in a way that this program does not know"),
            )),
            _ => None,
        }
    }
}
