//! NXDOMAIN.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        cause_kind::CauseKind,
        evidence::Statement,
        occurrence::Occurrence,
        scope::Scope,
        unresolved::{SystemFailure, UnresolvedReason},
    },
    observation::{Observations, Stage},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct DnsNameNotFound {}

impl CauseKind for DnsNameNotFound {
    const ENTRY: Entry = Entry {
        stage: Stage::Resolve,
        severity: Severity::Error,
        owner: Owner::Operator,
        forgery: Forgery::OnlyTheAccused,
        explanation: "The name server says that there is no such name. Either it is mistyped, or the hub was deleted, or the \
            name exists only inside another network (split DNS, private endpoints). No protocol could be tested.",
        proof: "The name servers' own answer (NXDOMAIN) to questions of our own. Through the system's resolver alone, which on \
            some systems says the same of a name without addresses, it is `likely`, and `possible` where the name servers are not \
            known. It is said of this network's DNS alone: who makes that answer up on the way is part of it.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!("The name {} does not exist in this network's DNS", scope.host())
    }

    fn fix(&self, scope: &Scope) -> String {
        format!(
            "Check the spelling of {} in the hub's overview page; if it is right, ask whoever runs this network's DNS whether \
             the name is served here.",
            scope.host()
        )
    }

    fn of_resolution(run: &Observations) -> Option<(&'static str, Occurrence)> {
        let occurrence = match UnresolvedReason::of(run)? {
            UnresolvedReason::NoSuchName(answers) => {
                let occurrence = Occurrence::confirmed(Self {}).with_answers(&answers);
                answers.zone().map(|zone| DenyingZone { zone }).into_iter().fold(occurrence, Occurrence::evidence)
            }
            UnresolvedReason::System(SystemFailure::NoSuchName) => {
                let occurrence = match run.vantage.resolvers.is_empty() {
                    // Nobody else can be asked.
                    true => Occurrence::possible(Self {}, &[Code::DnsNoAddress, Code::DnsFiltered]),
                    false => Occurrence::likely(Self {}),
                };
                occurrence.evidence("the system's resolver says that the name does not exist")
            }
            _ => return None,
        };
        Some(("the name does not exist", occurrence))
    }
}

#[derive(Debug, Clone, PartialEq)]
struct DenyingZone {
    zone: String,
}

impl Statement for DenyingZone {}

impl fmt::Display for DenyingZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the zone that denies the name exists: {}", self.zone)
    }
}
