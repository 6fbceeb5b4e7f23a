//! An authority in the chain may not sign for this name.

use serde::Serialize;

use crate::{
    diagnosis::{
        Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_verdict::AttemptVerdict,
        cause_kind::CauseKind,
        certificate_refusal::CertificateRefusal,
        occurrence::Occurrence,
        presented_chain::{FlawedChain, Presented, faulty_certificate},
        scope::Scope,
    },
    observation::{Flaw, Stage},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct NameConstraintViolated {
    /// The authority.
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<String>,
    #[serde(skip)]
    flaw: Option<Flaw>,
}

impl CauseKind for NameConstraintViolated {
    const ENTRY: Entry = Entry {
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        forgery: Forgery::Nobody,
        explanation: "An authority in the hub's chain is bound to certain names (name constraints, RFC 5280), and the hub's is not among them. Every \
            library that keeps the rule refuses the certificate.",
        proof: "The chain leads to a known root with every signature verified, and breaks that rule; the peer holds its key.",
    };

    fn title(&self, scope: &Scope) -> String {
        let authority =
            scope.or_placeholder("AUTHORITY", self.certificate.as_deref().unwrap_or("an authority of the chain"));
        format!("{authority} may not sign for {}", scope.host())
    }

    fn fix(&self, scope: &Scope) -> String {
        format!("Have the certificate of {} issued by an authority that may sign for that name.", scope.host())
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let CertificateRefusal::Flawed(trust, flaw @ Flaw::NameConstraints) = context.certificate_refusal()? else {
            return None;
        };
        let certificate = faulty_certificate(trust.authority());
        let cause = Self { certificate: certificate.clone(), flaw: Some(flaw) };
        let occurrence = Occurrence::confirmed(cause).evidence(Presented::of(context));
        Some(AttemptVerdict::blocked(
            "an authority of the chain may not sign for this name",
            occurrence.evidence(FlawedChain { certificate, flaw }),
        ))
    }
}
