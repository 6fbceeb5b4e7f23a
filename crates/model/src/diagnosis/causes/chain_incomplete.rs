//! The peer does not send all certificates between its own and the root.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        cause_kind::CauseKind,
        evidence::Statement,
        occurrence::Occurrence,
        presented::Presented,
        refusal::Refusal,
        scope::Scope,
        text::clipped,
        verdict::{AttemptOutcome, AttemptVerdict},
    },
    observation::{ChainEnd, Stage, StoreVerdict},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct ChainIncomplete {
    /// The certificate that is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<String>,
    /// This device has it besides.
    #[serde(skip)]
    held_here: bool,
}

impl CauseKind for ChainIncomplete {
    const ENTRY: Entry = Entry {
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        forgery: Forgery::AnyoneOnPath,
        explanation: "The hub sends its own certificate without the intermediate that signed it. Browsers and some systems find \
            it by themselves; most devices cannot, and refuse.",
        proof: "The chain ends at an issuer that was not sent and is no root, of the same organisation as a root that is known \
            to sign this hub or that this device trusts; and what answers signs no other name on the spot. Interception would \
            look the same where it borrows that name, so it is `likely` at most.",
    };

    fn title(&self, scope: &Scope) -> String {
        let missing = scope.or_word("ISSUER", self.missing.as_deref().unwrap_or("an unreadable issuer"));
        format!("The chain of {} is incomplete: {missing} was not sent", scope.host())
    }

    fn fix(&self, _: &Scope) -> String {
        let here = match self.held_here {
            true => " This device has that certificate besides; others will not.",
            false => "",
        };
        format!("Serve the full chain: the server's certificate and every intermediate (`fullchain.pem`).{here}")
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let trust = match context.refusal()? {
            Refusal::Foreign(trust) | Refusal::Untrusted(trust) => trust,
            _ => return None,
        };
        let (issuer, relative) = cut_short(trust.authority())?;
        if context.made_to_order().is_some() {
            return None;
        }
        let cause = Self { missing: Some(issuer.clone()), held_here: false };
        let occurrence = Occurrence::likelier_than(cause, Code::TlsIntercepted)
            .evidence(Presented::of(context))
            .evidence(Observed::EndsAt { issuer, relative });
        let occurrence = match context.signs_for_others() {
            Some(false) => occurrence.evidence(Observed::SignsNoOther),
            _ => occurrence,
        };
        Some(AttemptVerdict::blocked("the hub does not send its whole chain", occurrence))
    }

    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        let Some(trust) = context.trust() else { return verdict };
        let goes_on = verdict.outcome != AttemptOutcome::Unknown && context.is_past_tls() && !context.is_intercepted();
        let missing = trust.device.left_out().next().filter(|_| goes_on && trust.device.accepts());
        let Some(missing) = missing else { return verdict };
        let name = missing.subject.as_deref().map_or_else(|| "an unreadable issuer".to_owned(), clipped);
        let occurrence = Occurrence::confirmed(Self { missing: Some(name.clone()), held_here: true });
        verdict.with(occurrence.severity(Severity::Warning).evidence(Observed::HeldHere { name }))
    }
}

/// The issuer that was not sent, and a root that may have signed it.
fn cut_short(authority: &StoreVerdict) -> Option<(String, String)> {
    match authority.end.as_ref()? {
        ChainEnd::NotSent { issuer: Some(issuer), namesake: false, relative: Some(relative) } => {
            Some((clipped(issuer), clipped(relative)))
        }
        _ => None,
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    EndsAt { issuer: String, relative: String },
    SignsNoOther,
    HeldHere { name: String },
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EndsAt { issuer, relative } => write!(
                f,
                "the chain ends at {issuer}, which was not sent; {relative}, a root that is known, is of the same organisation"
            ),
            Self::SignsNoOther => write!(f, "asked for another name, it shows the same certificate"),
            Self::HeldHere { name } => {
                write!(f, "{name} was not sent; this device's trust store has it, and so the chain leads to a root")
            }
        }
    }
}
