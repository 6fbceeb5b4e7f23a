//! The chain is not the hub's, or the peer does not own it.

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
        presented_chain::{Presented, store_verdict_text, top_issuer},
        remedy::Remedy,
        scope::Scope,
        text::clipped,
    },
    observation::{Stage, Trust},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct TlsIntercepted {
    /// The issuer of the last certificate presented.
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    /// The peer presents a certificate whose key it does not hold.
    #[serde(skip)]
    without_key: bool,
    /// The hub's own authority may have signed it.
    #[serde(skip)]
    may_be_the_hubs: bool,
}

impl CauseKind for TlsIntercepted {
    const ENTRY: Entry = Entry {
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::SecurityTeam,
        forgery: Forgery::OnlyTheAccused,
        explanation: "A box on the path opens the TLS connection and shows a certificate of its own. Where the device trusts \
            it, traffic passes but can be read and changed there; where it does not, the connection fails, as it should.",
        proof: "The chain does not lead to the roots that are known to sign this hub's certificates; or, where those are not \
            known, the same authority signs another name on the spot. Where the chain is at fault in another way, it is \
            `likely` or `possible` only, and so it is where all that was shown is one certificate that its own key has signed. One \
            that does not name the hub either is another machine's, or a default one (`certificate-name-mismatch`). Who \
            shows the hub's own certificate without its key is not believed to be the hub; a faulty server or link looks the \
            same, which leaves it `possible`.",
    };

    fn title(&self, scope: &Scope) -> String {
        match (self.without_key, &self.issuer) {
            (true, _) => {
                format!("What answers on {} shows a certificate whose key it does not hold", scope.tcp())
            }
            (false, Some(issuer)) => format!("TLS is intercepted: the certificate is signed by {issuer}"),
            (false, None) => {
                let issuer = scope.or_placeholder("ISSUER", "an unreadable issuer");
                format!("TLS is intercepted: the certificate is signed by {issuer}")
            }
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        match self.without_key {
            true => format!(
                "Find what answers in the place of {} on {}: it shows a certificate that it cannot prove to be its own. Nothing \
                 was sent to it.",
                scope.host(),
                scope.tcp()
            ),
            false => format!("Exempt {} from TLS inspection on {}.", scope.host(), scope.tcp()),
        }
    }

    fn first_step(&self, scope: &Scope) -> Option<String> {
        let issuer = self.issuer.as_ref().filter(|_| self.may_be_the_hubs)?;
        Some(format!(
            "Ask the hub's owner whether {issuer} signs the certificate of {}: if so, nothing is intercepted.",
            scope.host()
        ))
    }

    fn is_same(&self, other: &Self) -> bool {
        (&self.issuer, self.without_key) == (&other.issuer, other.without_key)
    }

    fn merge(&mut self, other: &Self) {
        self.may_be_the_hubs |= other.may_be_the_hubs;
    }

    fn remedy(&self) -> Remedy {
        if self.without_key { Remedy::Own } else { Remedy::Exempt }
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        match context.certificate_refusal()? {
            CertificateRefusal::WithoutKey => {
                let cause = Self { without_key: true, ..Self::default() };
                let observed = Observed::WrongSignature { port: context.port() };
                Some(AttemptVerdict::blocked(
                    "what answers does not hold the key of its certificate",
                    Occurrence::possible(cause, &[Code::NotTls]).evidence(Presented::of(context)).evidence(observed),
                ))
            }
            CertificateRefusal::Foreign(trust) => {
                let cause = Self::signed_by(top_issuer(context));
                let signs_others = context.signed_on_demand().is_some();
                let occurrence = match signs_others || chain_has_foreign_root(trust) && !is_self_signed(context) {
                    true => Occurrence::confirmed(cause),
                    // A mistake in the hub's own chain, or a default certificate, would look the same.
                    false => {
                        Occurrence::possible(Self { may_be_the_hubs: true, ..cause }, &[Code::CertificateUntrusted])
                    }
                };
                let refused = Observed::NothingWasSent { device: store_verdict_text(&trust.device) };
                Some(refused_by_device(with_foreign_chain(context, trust, occurrence).evidence(refused)))
            }
            // A hub's private authority has no certificate for an unrelated name.
            CertificateRefusal::SignedOnDemand(trust) => {
                let cause = Self::signed_by(top_issuer(context));
                let occurrence = Occurrence::confirmed(cause).evidence(Presented::of(context));
                let occurrence = with_on_demand_evidence(context, occurrence);
                Some(refused_by_device(
                    occurrence.evidence(Observed::DeviceSays { device: store_verdict_text(&trust.device) }),
                ))
            }
            _ => None,
        }
    }

    /// Interception is the root of everything that fails inside it: the box that opened TLS wrote or passed every byte.
    /// Exempting the hub from inspection comes first.
    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        let Some(trust) = context.trust().filter(|_| context.is_intercepted()) else { return verdict };
        let severity = match verdict.outcome {
            AttemptOutcome::Allowed | AttemptOutcome::Unknown | AttemptOutcome::NoRoute => Severity::Warning,
            AttemptOutcome::Blocked | AttemptOutcome::Declined => Severity::Error,
        };
        let cause = Self::signed_by(top_issuer(context));
        let occurrence = match chain_has_foreign_root(trust) {
            // A foreign root is the proof; another fault in the chain is weaker.
            true => Occurrence::confirmed(cause),
            false => Occurrence::likely(cause),
        };
        let occurrence = with_foreign_chain(context, trust, occurrence)
            .evidence("this device trusts the chain all the same: it leads to a root of its own store")
            .severity(severity);
        verdict
            .map_causes(|cause| match cause.severity {
                Severity::Info => cause,
                Severity::Error | Severity::Warning => cause.symptom_of(Code::TlsIntercepted),
            })
            .with(occurrence)
    }
}

impl TlsIntercepted {
    fn signed_by(issuer: String) -> Self {
        Self { issuer: Some(issuer), ..Self::default() }
    }
}

/// Whether the chain leads to a root that is not the hub's.
fn chain_has_foreign_root(trust: &Trust) -> bool {
    trust.hub.as_ref().is_some_and(|hub| hub.vouches() == Some(false))
}

/// Whether the chain is a single certificate, signed with its own key.
fn is_self_signed(context: AttemptContext<'_>) -> bool {
    match context.chain() {
        [own] => own.subject.is_some() && own.subject == own.issuer,
        _ => false,
    }
}

fn refused_by_device(occurrence: Occurrence) -> AttemptVerdict {
    AttemptVerdict::blocked("intercepted: this device refuses the certificate", occurrence)
}

fn with_foreign_chain(context: AttemptContext<'_>, trust: &Trust, occurrence: Occurrence) -> Occurrence {
    let hub = trust.hub.as_ref().map_or("not judged", store_verdict_text);
    with_on_demand_evidence(
        context,
        occurrence.evidence(Presented::of(context)).evidence(Observed::HubsRootsSay { hub }),
    )
}

/// Adds the evidence if the hub's issuer also signs other names on demand.
fn with_on_demand_evidence(context: AttemptContext<'_>, occurrence: Occurrence) -> Occurrence {
    match context.signed_on_demand() {
        Some((name, issuer)) => {
            occurrence.evidence(Observed::SignsOthers { name: clipped(name), issuer: clipped(issuer) })
        }
        None => occurrence,
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    WrongSignature { port: u16 },
    HubsRootsSay { hub: &'static str },
    SignsOthers { name: String, issuer: String },
    NothingWasSent { device: &'static str },
    DeviceSays { device: &'static str },
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongSignature { port } => {
                write!(f, "the certificate shown on port {port} is followed by a signature that its key did not make")
            }
            Self::HubsRootsSay { hub } => {
                write!(f, "the roots that are known to sign this hub do not vouch for the chain: {hub}")
            }
            Self::SignsOthers { name, issuer } => {
                write!(f, "asked for {name}, the same address shows a certificate for that name, by {issuer}")
            }
            Self::NothingWasSent { device } => {
                write!(f, "this device does not accept the chain either ({device}), so nothing was sent")
            }
            Self::DeviceSays { device } => write!(f, "this device's trust store says: {device}"),
        }
    }
}
