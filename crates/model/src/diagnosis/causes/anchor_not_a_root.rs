//! The anchor in this device's store is an intermediate certificate.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Entry, Forgery, Owner, Severity, attempt_context::AttemptContext, attempt_verdict::AttemptOutcome,
        attempt_verdict::AttemptVerdict, cause_kind::CauseKind, evidence::Statement, occurrence::Occurrence,
        scope::Scope, text::clipped,
    },
    observation::Stage,
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct AnchorNotARoot {
    /// The certificate's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    anchor: Option<String>,
}

impl CauseKind for AnchorNotARoot {
    const ENTRY: Entry = Entry {
        stage: Stage::Tls,
        severity: Severity::Warning,
        owner: Owner::Operator,
        forgery: Forgery::Nobody,
        explanation: "This device's trust store has an intermediate certificate, but not the root that signed it. Libraries \
            that take any certificate in the store for an anchor go on (rustls, Go, mbed TLS, wolfSSL); OpenSSL and what is \
            built on it (mosquitto, Paho C, Python, Node.js, curl on most systems) refuse.",
        proof: "Every signature up to that certificate was verified; it is in the store and is not self-signed, and no other \
            path leads to a root of the store.",
    };

    fn title(&self, scope: &Scope) -> String {
        let anchor = scope.or_placeholder("ANCHOR", self.anchor.as_deref().unwrap_or("a certificate"));
        format!("This device trusts {anchor}, which is no root: devices built on OpenSSL refuse {}", scope.host())
    }

    fn fix(&self, _: &Scope) -> String {
        "Add the root that signed it to this device's trust store.".to_owned()
    }

    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        let Some(trust) = context.trust() else { return verdict };
        if verdict.outcome == AttemptOutcome::Unknown
            || !trust.device.is_anchored_below_a_root()
            || !context.passed_tls()
        {
            return verdict;
        }
        let anchor = trust.device.path.last().and_then(|anchor| anchor.subject.as_deref()).map(clipped);
        let occurrence = Occurrence::confirmed(Self { anchor });
        verdict.with(occurrence.evidence(Observed))
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Observed;

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the chain ends at a certificate of this device's trust store that another authority signed")
    }
}
