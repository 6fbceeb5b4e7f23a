//! The peer does not send all certificates between its own and the root.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_verdict::{AttemptOutcome, AttemptVerdict},
        cause_kind::CauseKind,
        certificate_refusal::CertificateRefusal,
        evidence::Statement,
        occurrence::Occurrence,
        presented_chain::Presented,
        scope::Scope,
        text::clipped,
    },
    observation::{ChainEnd, Stage, StoreVerdict},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct ChainIncomplete {
    /// The certificate that is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<String>,
    /// This device has it anyway.
    #[serde(skip)]
    held_by_device: bool,
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
        let missing = scope.or_placeholder("ISSUER", self.missing.as_deref().unwrap_or("an unreadable issuer"));
        format!("The chain of {} is incomplete: {missing} was not sent", scope.host())
    }

    fn fix(&self, _: &Scope) -> String {
        let here = match self.held_by_device {
            true => " This device has that certificate besides; others will not.",
            false => "",
        };
        format!("Serve the full chain: the server's certificate and every intermediate (`fullchain.pem`).{here}")
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let trust = match context.certificate_refusal()? {
            CertificateRefusal::Foreign(trust) | CertificateRefusal::Untrusted(trust) => trust,
            _ => return None,
        };
        let (issuer, relative) = issuer_not_sent(trust.authority())?;
        if context.signed_on_demand().is_some() {
            return None;
        }
        let cause = Self { missing: Some(issuer.clone()), held_by_device: false };
        let occurrence = Occurrence::likelier_than(cause, Code::TlsIntercepted)
            .evidence(Presented::of(context))
            .evidence(Observed::EndsAt { issuer, relative });
        let occurrence = match context.signs_other_names_too() {
            Some(false) => occurrence.evidence(Observed::SignsNoOtherName),
            _ => occurrence,
        };
        Some(AttemptVerdict::blocked("the hub does not send its whole chain", occurrence))
    }

    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        let Some(trust) = context.trust() else { return verdict };
        let goes_on = verdict.outcome != AttemptOutcome::Unknown && context.passed_tls() && !context.is_intercepted();
        let missing = trust.device.left_out().next().filter(|_| goes_on && trust.device.accepts());
        let Some(missing) = missing else { return verdict };
        let name = missing.subject.as_deref().map_or_else(|| "an unreadable issuer".to_owned(), clipped);
        let occurrence = Occurrence::confirmed(Self { missing: Some(name.clone()), held_by_device: true });
        verdict.with(occurrence.severity(Severity::Warning).evidence(Observed::HeldByDevice { name }))
    }
}

/// The issuer that was not sent, and a root that may have signed it.
fn issuer_not_sent(authority: &StoreVerdict) -> Option<(String, String)> {
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
    SignsNoOtherName,
    HeldByDevice { name: String },
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EndsAt { issuer, relative } => write!(
                f,
                "the chain ends at {issuer}, which was not sent; {relative}, a root that is known, is of the same organisation"
            ),
            Self::SignsNoOtherName => write!(f, "asked for another name, it shows the same certificate"),
            Self::HeldByDevice { name } => {
                write!(f, "{name} was not sent; this device's trust store has it, and so the chain leads to a root")
            }
        }
    }
}
