//! The only root of this device that the chain leads to is expired or not yet valid.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Entry, Forgery, Owner, Severity, attempt_context::AttemptContext, attempt_end::AttemptEnd,
        attempt_verdict::AttemptVerdict, cause_kind::CauseKind, certificate_refusal::CertificateRefusal,
        evidence::Statement, occurrence::Occurrence, presented_chain::Presented, scope::Scope, text::clipped,
    },
    observation::{Flaw, Identity, Stage, StoreVerdict},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct RootExpired {
    /// The root's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    root: Option<String>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_after: Option<String>,
    #[serde(skip)]
    begins: Option<String>,
}

impl CauseKind for RootExpired {
    const ENTRY: Entry = Entry {
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::Operator,
        forgery: Forgery::Nobody,
        explanation: "The chain is right, and valid now, but the only root of this device's trust store that it leads to has \
            expired, or is not valid yet. Libraries like OpenSSL refuse it; some others do not look at a root's dates.",
        proof: "Every signature up to that root was verified, all certificates below it are valid by this device's clock, and \
            the root in the store is not; the peer holds its key.",
    };

    fn title(&self, scope: &Scope) -> String {
        let root = scope.or_placeholder("ROOT", self.root.as_deref().unwrap_or("the only one"));
        match &self.begins {
            None => format!("The root that this device trusts for {} has expired: {root}", scope.host()),
            Some(_) => format!("The root that this device trusts for {} is not valid yet: {root}", scope.host()),
        }
    }

    fn fix(&self, _: &Scope) -> String {
        "Update the CA bundle of this device (the package ca-certificates, the system's updates, or the file that --ca and \
         the devices' software name): the authority has a newer root."
            .to_owned()
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let CertificateRefusal::Flawed(trust, Flaw::AnchorExpired | Flaw::AnchorNotYetValid) =
            context.certificate_refusal()?
        else {
            return None;
        };
        Some(stopped(context, trust.authority()))
    }

    /// The hub, but this device does not accept it: its answer to the probe would not reach the device.
    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        match expired_anchor(context) {
            Some(store) if !matches!(context.ended(), AttemptEnd::NotAccepted) => stopped(context, store),
            _ => verdict,
        }
    }
}

/// The verdict of this device's store, if its root's period is why it refuses the hub's genuine chain.
pub(super) fn expired_anchor(context: AttemptContext<'_>) -> Option<&StoreVerdict> {
    let trust = context.trust().filter(|trust| trust.identity == Identity::UntrustedHere)?;
    matches!(trust.device.flaw(), Some(Flaw::AnchorExpired | Flaw::AnchorNotYetValid)).then_some(&trust.device)
}

fn stopped(context: AttemptContext<'_>, store: &StoreVerdict) -> AttemptVerdict {
    let is_early = store.flaw() == Some(Flaw::AnchorNotYetValid);
    let root = store.path.last();
    let text = |text: Option<&String>| text.map(|text| clipped(text));
    let cause = RootExpired {
        root: text(root.and_then(|root| root.subject.as_ref())),
        not_after: text(root.and_then(|root| root.not_after.as_ref())),
        begins: text(root.and_then(|root| root.not_before.as_ref())).filter(|_| is_early),
    };
    let observed = Observed { ended: cause.not_after.clone(), begins: cause.begins.clone() };
    let summary =
        if is_early { "the root that it leads to is not valid yet" } else { "the root that it leads to has expired" };
    AttemptVerdict::blocked(summary, Occurrence::confirmed(cause).evidence(Presented::of(context)).evidence(observed))
}

#[derive(Debug, Clone, PartialEq)]
struct Observed {
    ended: Option<String>,
    begins: Option<String>,
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let when = |time: &Option<String>| time.clone().unwrap_or_else(|| "a time that cannot be read".to_owned());
        match &self.begins {
            Some(_) => {
                write!(f, "the chain leads to a root of this device that is valid from {} on", when(&self.begins))?
            }
            None => write!(f, "the chain leads to a root of this device that ended at {}", when(&self.ended))?,
        }
        write!(f, "; all certificates below it are valid now")
    }
}
