//! The login was refused: proof that the network works.

use std::fmt;

use serde::Serialize;

use super::hub_unavailable;
use crate::{
    diagnosis::{
        Entry, Forgery, Owner, Severity,
        attempt_context::{AttemptContext, tls_version},
        attempt_end::AttemptEnd,
        attempt_verdict::{AttemptOutcome, AttemptVerdict},
        cause_kind::CauseKind,
        connack::{Connack, Meaning},
        evidence::Statement,
        hubs_own::looks_like_hub_response,
        occurrence::Occurrence,
        scope::Scope,
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

    /// If the login is part of the upgrade, its refusal is the hub's answer.
    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let AttemptEnd::Upgrade(UpgradeFailure::Refused { status: status @ (401 | 403) }, evidence) = context.ended()
        else {
            return None;
        };
        // Only a login causes a 401. A 403 may come from any rule, unless the hub takes no WebSocket without a login,
        // or the response has the hub's own error code.
        let kind = context.observations.hub.kind;
        let hubs_own = evidence.is_some_and(|evidence| looks_like_hub_response(kind, &evidence.response));
        let asks_for_a_login = *status == 401 || hubs_own || kind.facts().login_by_certificate;
        let is_its_own = match context.identity() {
            Some(Identity::Proven) => true,
            Some(Identity::Trusted) => *status == 401,
            _ => false,
        };
        (asks_for_a_login && is_its_own).then(|| {
            let occurrence = refused(LoginRefusal::Upgrade { status: *status }).at_stage(Stage::Upgrade);
            AttemptVerdict::allowed(format!("{}, hub answered {status}", tls_version(context))).with(occurrence)
        })
    }

    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        let AttemptEnd::Answered(evidence) = context.ended() else { return verdict };
        let refusal = match evidence {
            ExchangeEvidence::Mqtt { return_code, .. } => match Connack(*return_code) {
                connack if connack.meaning() == Meaning::Login => LoginRefusal::Connack(connack),
                _ => return verdict,
            },
            ExchangeEvidence::Https { response }
                if matches!(response.status, 401 | 403) && !hub_unavailable::reports_unavailable(context, response) =>
            {
                LoginRefusal::Http { status: response.status }
            }
            _ => return verdict,
        };
        if verdict.outcome == AttemptOutcome::Allowed { verdict.with(refused(refusal)) } else { verdict }
    }
}

fn refused(refusal: LoginRefusal) -> Occurrence {
    Occurrence::confirmed(AuthenticationRefused {}).evidence(refusal)
}

#[derive(Debug, Clone, PartialEq)]
enum LoginRefusal {
    Connack(Connack),
    Http { status: u16 },
    Upgrade { status: u16 },
}

impl Statement for LoginRefusal {}

impl fmt::Display for LoginRefusal {
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
