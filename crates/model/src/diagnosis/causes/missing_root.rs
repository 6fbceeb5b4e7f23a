//! The hub's genuine chain, but this device lacks its root.

use std::fmt;

use serde::Serialize;

use super::root_expired;
use crate::{
    diagnosis::{
        Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_end::AttemptEnd,
        attempt_verdict::AttemptVerdict,
        cause_kind::CauseKind,
        evidence::Statement,
        occurrence::Occurrence,
        presented_chain::top_issuer,
        scope::Scope,
        text::{clipped, count},
    },
    observation::{Identity, Stage},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct MissingRoot {
    /// The issuer of the last certificate presented.
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    /// The root that is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    root: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    root_sha256: Option<String>,
}

impl CauseKind for MissingRoot {
    const ENTRY: Entry = Entry {
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::Operator,
        forgery: Forgery::Nobody,
        explanation: "It is the hub, but this device's trust store is too old or too small to know its root authority. The \
            network is fine.",
        proof: "The chain leads to the roots that are known to sign this hub, and to none of the device's own; and the peer \
            holds its key.",
    };

    fn title(&self, _: &Scope) -> String {
        "This device lacks the root of the hub's genuine certificate".to_owned()
    }

    fn fix(&self, scope: &Scope) -> String {
        let issuer = scope.or_placeholder("ISSUER", self.issuer.as_deref().unwrap_or("an unreadable issuer"));
        format!("Update the CA bundle of this device; it needs the root that signed {issuer}.")
    }

    fn is_same(&self, other: &Self) -> bool {
        self.issuer == other.issuer
    }

    /// The hub, but this device does not accept it: its answer to the probe would not reach the device.
    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        if matches!(context.ended(), AttemptEnd::NotAccepted) || context.identity() != Some(Identity::UntrustedHere) {
            return verdict;
        }
        if root_expired::expired_anchor(context).is_some() {
            return verdict;
        }
        let root = context.trust().and_then(|trust| trust.hub_root.as_ref());
        let cause = Self {
            issuer: Some(top_issuer(context)),
            root: root.map(|root| clipped(&root.subject)),
            root_sha256: root.map(|root| clipped(&root.sha256)),
        };
        let missing = cause.root.clone().zip(cause.root_sha256.clone());
        let occurrence = Occurrence::confirmed(cause)
            .evidence(Observed::NotHeld { roots: context.observations.vantage.trust_store.roots })
            .evidence("the hub's own roots vouch for it");
        let missing = missing.map(|(root, sha256)| Observed::Missing { root, sha256 });
        AttemptVerdict::blocked(
            "this device lacks the hub's root certificate",
            missing.into_iter().fold(occurrence, Occurrence::evidence),
        )
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    NotHeld { roots: usize },
    Missing { root: String, sha256: String },
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotHeld { roots } => {
                let roots = count(*roots, "root");
                write!(f, "the chain ends at an issuer that this device's trust store ({roots}) does not hold")
            }
            Self::Missing { root, sha256 } => write!(f, "the missing root is {root}, SHA-256 {sha256}"),
        }
    }
}
