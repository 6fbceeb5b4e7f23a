//! This machine has no route for an address family.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use super::CauseKind;
use crate::{
    diagnosis::{
        Entry, Family, Forgery, Owner, Severity, attempt_context::AttemptContext, causes::Cause, evidence::Statement,
        occurrence::Occurrence, scope::Scope, verdict::AttemptVerdict,
    },
    observation::{ConnectFailure, Stage},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct AddressFamilyUnavailable {
    family: Option<Family>,
    /// No other family is left.
    #[serde(skip)]
    is_fatal: bool,
}

impl CauseKind for AddressFamilyUnavailable {
    const ENTRY: Entry = Entry {
        word: "address-family-unavailable",
        stage: Stage::Connect,
        severity: Severity::Info,
        owner: Owner::Nobody,
        forgery: Forgery::Nobody,
        explanation: "The hub's name has addresses of a family that this machine cannot send to at all. Where the other \
            family works, nothing is wrong.",
        proof: "The system refuses at once, before any packet is sent.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!("This machine has no {} route", family(self.family, scope))
    }

    fn fix(&self, scope: &Scope) -> String {
        match self.is_fatal {
            false => {
                "Nothing to do while the other address family works; otherwise give this machine a route.".to_owned()
            }
            true => format!(
                "Give this machine a route for {} to the hub: check its cable, radio or modem, its address and its default \
                 gateway.",
                family(self.family, scope)
            ),
        }
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let ConnectFailure::NoRoute = context.attempt.connect.failure()? else { return None };
        let address = context.address();
        let family = Family::of(address);
        let occurrence =
            Occurrence::confirmed(Self { family: Some(family), is_fatal: false }).evidence(AtOnce { address });
        Some(AttemptVerdict::no_route(format!("this machine has no {family} route"), occurrence))
    }
}

/// Nothing else is left to try: then it is what stops the check.
pub(in crate::diagnosis) fn fatal(mut occurrence: Occurrence) -> Occurrence {
    if let Cause::AddressFamilyUnavailable(cause) = &mut occurrence.cause {
        cause.is_fatal = true;
    }
    occurrence.severity(Severity::Error).owner(Owner::NetworkAdmin)
}

/// The family, or in general the word that stands for it.
pub(super) fn family(family: Option<Family>, scope: &Scope) -> String {
    scope.or_word("FAMILY", family.map_or_else(|| "address family".to_owned(), |family| family.to_string()))
}

#[derive(Debug, Clone, PartialEq)]
struct AtOnce {
    address: IpAddr,
}

impl Statement for AtOnce {}

impl fmt::Display for AtOnce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this machine has no route to {}: refused at once, nothing was sent", self.address)
    }
}
