//! A key or a signature in the chain is too weak for current libraries.

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
pub(crate) struct CertificateWeak {
    /// The certificate that is too weak.
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<String>,
    #[serde(skip)]
    flaw: Option<Flaw>,
}

impl CauseKind for CertificateWeak {
    const ENTRY: Entry = Entry {
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        forgery: Forgery::Nobody,
        explanation: "A key in the hub's chain is too short (RSA under 2048 bits), or a signature is made over a hash that is no longer safe (SHA-1, \
            MD5). Current libraries refuse it at their default settings; older ones may go on.",
        proof: "The chain leads to a known root with every signature verified, and breaks that rule; the peer holds its key.",
    };

    fn title(&self, scope: &Scope) -> String {
        let what = match self.flaw {
            Some(Flaw::WeakKey) => "The key of a certificate",
            Some(_) => "A signature",
            None => "A key or a signature",
        };
        format!("{what} in the chain of {} is too weak for current libraries", scope.host())
    }

    fn fix(&self, scope: &Scope) -> String {
        format!(
            "Have the certificate of {} issued anew, with a key of at least RSA 2048 or P-256 and a \
             signature over SHA-256.",
            scope.host()
        )
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let CertificateRefusal::Flawed(trust, flaw @ (Flaw::WeakKey | Flaw::WeakSignature)) =
            context.certificate_refusal()?
        else {
            return None;
        };
        let certificate = faulty_certificate(trust.authority());
        let cause = Self { certificate: certificate.clone(), flaw: Some(flaw) };
        let occurrence = Occurrence::confirmed(cause).evidence(Presented::of(context));
        Some(AttemptVerdict::blocked(
            "a certificate is too weak for current libraries",
            occurrence.evidence(FlawedChain { certificate, flaw }),
        ))
    }
}
