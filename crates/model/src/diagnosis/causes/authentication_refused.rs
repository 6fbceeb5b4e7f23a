//! The login was refused: proof that the network works.

use std::fmt;

use serde::Serialize;

use super::hub_unavailable;
use crate::{
    diagnosis::{
        Entry, Forgery, Owner, Severity,
        attempt_context::{AttemptContext, tls_version},
        attempt_end::AttemptEnd,
        cause_kind::CauseKind,
        connack::{Connack, Meaning},
        evidence::Statement,
        hubs_own::is_the_hubs,
        occurrence::Occurrence,
        scope::Scope,
        verdict::{AttemptOutcome, AttemptVerdict},
    },
    observation::{ExchangeEvidence, Identity, Stage, UpgradeFailure},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct AuthenticationRefused {}

impl CauseKind for AuthenticationRefused {
    const ENTRY: Entry = Entry {
        stage: Stage::Exchange,
        severity: Severity::Info,
        owner: Owner::Nobody,
        forgery: Forgery::Nobody,
        explanation: "This program has no credentials, so the refusal is the proof that the network works. A hub with an IP \
            filter or with public access disabled answers the same: if a device with the right credentials is refused too, \
            look there.",
        proof: "None is needed.",
    };

    fn title(&self, _: &Scope) -> String {
        "The hub refused the login, as expected without credentials".to_owned()
    }

    fn fix(&self, _: &Scope) -> String {
        "Nothing to do in the network.".to_owned()
    }

    /// Where the login is part of the upgrade, its refusal is the hub's answer.
    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let AttemptEnd::Upgrade(UpgradeFailure::Refused { status: status @ (401 | 403) }, evidence) = context.ended()
        else {
            return None;
        };
        // 401 asks for a login and nothing else does; 403 may be any rule, but for a hub that takes none without one, or with the
        // hub's own error code.
        let kind = context.observations.hub.kind;
        let hubs_own = evidence.is_some_and(|evidence| is_the_hubs(kind, &evidence.response));
        let asks_for_a_login = *status == 401 || hubs_own || kind.facts().login_by_certificate;
        let is_its_own = match context.identity() {
            Some(Identity::Proven) => true,
            Some(Identity::Trusted) => *status == 401,
            _ => false,
        };
        (asks_for_a_login && is_its_own).then(|| {
            let occurrence = refused(Refusal::Upgrade { status: *status }).at(Stage::Upgrade);
            AttemptVerdict::allowed(format!("{}, hub answered {status}", tls_version(context))).with(occurrence)
        })
    }

    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        let AttemptEnd::Answered(evidence) = context.ended() else { return verdict };
        let refusal = match evidence {
            ExchangeEvidence::Mqtt { return_code, .. } => match Connack(*return_code) {
                connack if connack.meaning() == Meaning::Login => Refusal::Connack(connack),
                _ => return verdict,
            },
            ExchangeEvidence::Https { response }
                if matches!(response.status, 401 | 403) && !hub_unavailable::says_so(context, response) =>
            {
                Refusal::Http { status: response.status }
            }
            _ => return verdict,
        };
        if verdict.outcome == AttemptOutcome::Allowed { verdict.with(refused(refusal)) } else { verdict }
    }
}

fn refused(refusal: Refusal) -> Occurrence {
    Occurrence::confirmed(AuthenticationRefused {}).evidence(refusal)
}

#[derive(Debug, Clone, PartialEq)]
enum Refusal {
    Connack(Connack),
    Http { status: u16 },
    Upgrade { status: u16 },
}

impl Statement for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the hub answered ")?;
        match self {
            Self::Connack(connack) => write!(f, "{connack}")?,
            Self::Http { status } => write!(f, "HTTP {status}")?,
            Self::Upgrade { status } => write!(f, "HTTP {status} to the upgrade")?,
        }
        write!(f, " to a login without credentials, which proves that the network works")
    }
}
