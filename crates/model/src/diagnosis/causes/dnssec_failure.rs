//! A validating name server refuses what it cannot validate.

use serde::Serialize;

use crate::{
    diagnosis::{
        Entry, Forgery, Owner, Severity,
        cause_kind::CauseKind,
        dns::{NameServer, ServerResult, is_validation_failure, unvalidated_answers},
        occurrence::Occurrence,
        ordered_set,
        scope::Scope,
        text::listed,
        unresolved::{UnresolvedReason, owner_of_answers},
    },
    observation::{Observations, Stage},
};

/// A report stays readable with this many.
const MAX_SERVERS: usize = 6;
/// Extended errors for signatures that are expired or not yet valid (RFC 8914, sections 4.8 and 4.9).
const TIME_ERRORS: [u16; 2] = [7, 8];

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct DnssecFailure {
    #[serde(skip)]
    servers: Vec<NameServer>,
    /// The extended errors (RFC 8914).
    extended_errors: Vec<u16>,
}

impl CauseKind for DnssecFailure {
    const ENTRY: Entry = Entry {
        stage: Stage::Resolve,
        severity: Severity::Error,
        owner: Owner::DnsAdmin,
        forgery: Forgery::OnlyTheAccused,
        explanation: "The name server validates answers (DNSSEC), and refuses this one: the zone's signatures are missing, wrong \
            or past their time, or what the server hears of the zone has been altered on its way, or its own clock or trust \
            anchor is wrong. The address itself may be right.",
        proof: "The server fails (SERVFAIL), and both gives an answer when asked not to validate (CD) and says that validation \
            fails (extended errors 6 to 12). One of the two alone leaves it `likely`. It is said of this network's DNS alone: \
            who makes such an answer up on the way is part of it.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!("DNSSEC validation of {} fails", scope.host())
    }

    fn fix(&self, scope: &Scope) -> String {
        let servers = match self.servers.as_slice() {
            servers if scope.is_general() || servers.is_empty() => "the name server".to_owned(),
            servers => listed(servers),
        };
        let clock = match TIME_ERRORS.iter().any(|code| self.extended_errors.contains(code)) {
            true => "its clock first, then ",
            false => "its clock, ",
        };
        format!(
            "Look at {servers}: {clock}whether its own upstream servers pass DNSSEC on, and its trust anchors. If all is well \
             there, the signatures of the zone of {} are broken: its owner must mend them.",
            scope.host()
        )
    }

    fn is_same(&self, _: &Self) -> bool {
        true
    }

    fn merge(&mut self, other: &Self) {
        ordered_set::extend_unique(&mut self.servers, &other.servers, MAX_SERVERS);
        ordered_set::extend_unique(&mut self.extended_errors, &other.extended_errors, MAX_SERVERS);
    }

    fn of_resolution(run: &Observations) -> Option<(&'static str, Occurrence)> {
        let UnresolvedReason::NotValidated(answers) = UnresolvedReason::of(run)? else { return None };
        let unchecked = unvalidated_answers(run);
        let says_so: Vec<&ServerResult> =
            answers.results().filter(|result| result.errors.iter().any(is_validation_failure)).collect();
        let mut servers: Vec<NameServer> = says_so.iter().map(|result| result.server).collect();
        servers.extend(unchecked.iter().map(|unchecked| unchecked.server));
        servers.sort_unstable();
        servers.dedup();
        let mut extended_errors: Vec<u16> = says_so
            .iter()
            .flat_map(|result| &result.errors)
            .filter(|error| is_validation_failure(error))
            .map(|error| error.code)
            .collect();
        extended_errors.sort_unstable();
        extended_errors.dedup();
        let both = servers.iter().any(|server| {
            says_so.iter().any(|result| result.server == *server)
                && unchecked.iter().any(|unchecked| unchecked.server == *server)
        });
        let cause = Self { servers, extended_errors };
        let occurrence = if both { Occurrence::confirmed(cause) } else { Occurrence::likely(cause) };
        let occurrence = occurrence.owner(owner_of_answers(&answers, Owner::DnsAdmin));
        let occurrence = unchecked.into_iter().fold(occurrence.with_answers(&answers), Occurrence::evidence);
        Some(("DNSSEC validation fails", occurrence))
    }
}
