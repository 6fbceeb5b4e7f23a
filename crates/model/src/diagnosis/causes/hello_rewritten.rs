//! A box on the path edits TLS 1.3 out of hellos.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity, attempt_context::AttemptContext, attempt_end::AttemptEnd,
        attempt_verdict::AttemptVerdict, cause_kind::CauseKind, client_hellos::VersionComparison, evidence::Statement,
        occurrence::Occurrence, scope::Scope, text::clipped,
    },
    observation::{Answer, Identity, Stage, TlsFailure, kind},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct HelloRewritten {
    /// The newest version that the hub supports and is not offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    hidden: Option<String>,
    /// Devices that offer TLS 1.2 only get through.
    #[serde(skip)]
    lets_tls_12_through: bool,
    /// The hello arrives as it was sent: the hub sets the downgrade mark without a reason.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    arrives: bool,
}

impl CauseKind for HelloRewritten {
    const ENTRY: Entry = Entry {
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::SecurityTeam,
        forgery: Forgery::OnlyTheAccused,
        explanation: "A box on the path edits the newest TLS version out of the first message of TLS, as inspection engines do \
            that do not know it. The hub marks its answer, so that the device notices; every device that offers that version \
            ends the handshake, as it should. Devices that offer TLS 1.2 alone get through, and for them it is a warning.",
        proof: "The answer to a hello that offers TLS 1.3 is TLS 1.2 and bears the mark of RFC 8446, section 4.1.3, which only \
            a peer sets that has TLS 1.3 and was not offered it; the signature of a peer that the device trusts covers that \
            mark together with the random of this device's own hello; and a whole handshake with such a hello fails where both \
            ends compare what they saw of it. Where it ends well, nothing was edited, and it is the hub that errs, or a box that opens TLS.",
    };

    fn title(&self, scope: &Scope) -> String {
        if self.arrives {
            return format!("What answers on {} refuses TLS 1.3 as if hellos were changed on the way", scope.tcp());
        }
        format!("A box on the path edits {} out of TLS hellos on {}", self.version(scope), scope.tcp())
    }

    fn fix(&self, scope: &Scope) -> String {
        if self.arrives {
            return format!(
                "Update the TLS of {} on {}: it marks its answers as if TLS 1.3 had not been offered (RFC 8446, 4.1.3).",
                scope.host(),
                scope.tcp()
            );
        }
        format!(
            "Exempt {} from TLS inspection on {}, or update the box that inspects. If nothing here does so, ask the hub's owner for \
             what stands in front of the hub.",
            scope.host(),
            scope.tcp()
        )
    }

    fn first_step(&self, _: &Scope) -> Option<String> {
        let step = "Use devices that offer TLS 1.2 alone meanwhile: those with TLS 1.3 fail.";
        self.lets_tls_12_through.then(|| step.to_owned())
    }

    fn is_same(&self, other: &Self) -> bool {
        (&self.hidden, self.arrives) == (&other.hidden, other.arrives)
    }

    /// Only if it holds on every port.
    fn merge(&mut self, other: &Self) {
        self.lets_tls_12_through &= other.lets_tls_12_through;
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let port = context.port();
        match context.ended() {
            AttemptEnd::Tls(TlsFailure::Downgraded) => {
                let occurrence = match SignedAnswer::of(context) {
                    Some(answer) => answer.occurrence(false),
                    None => Occurrence::possible(Self::of_tls_13(false), &[Code::TlsIntercepted, Code::NotTls]),
                };
                let occurrence =
                    with_signature_evidence(context, occurrence.evidence(Observed::DowngradeMark { port }));
                Some(AttemptVerdict::blocked("answers TLS 1.3 as if it were not offered", occurrence))
            }
            // The answer fits no hello of ours, while a hello with TLS 1.2 only gets a correct one.
            AttemptEnd::Tls(TlsFailure::Invalid { .. }) if accepts_tls_12_only(context) => {
                let occurrence = Occurrence::possible(Self::of_tls_13(false), &[Code::NotTls]);
                let occurrence =
                    occurrence.evidence(Observed::AnswerDoesNotFit { port }).evidence(Observed::AcceptsTls12 { port });
                Some(AttemptVerdict::blocked("the answer does not fit the TLS hello", occurrence))
            }
            AttemptEnd::Tls(TlsFailure::Alert { .. } | TlsFailure::Incompatible { .. }) => {
                let (version, would_take) = context.wide_hellos().find_map(|(version, chosen)| {
                    Some((version, chosen.would_take.as_deref()?)).filter(|_| version != "TLS 1.2")
                })?;
                let cause = Self { hidden: Some(clipped(would_take)), ..Self::default() };
                let observed =
                    Observed::OlderWithMark { port, version: clipped(version), would_take: clipped(would_take) };
                let occurrence = Occurrence::possible(cause, &[Code::TlsVersionUnsupported]).evidence(observed);
                Some(AttemptVerdict::blocked("answers TLS 1.2 as if it were not offered", occurrence))
            }
            _ => None,
        }
    }

    /// The attempt continued as a device with TLS 1.2 only would.
    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        if !context.passed_tls() || !context.tls().is_some_and(|tls| tls.downgraded) {
            return verdict;
        }
        let port = context.port();
        let occurrence = match SignedAnswer::of(context) {
            Some(answer) => answer.occurrence(true),
            None => Occurrence::likely(Self::of_tls_13(true)),
        };
        let occurrence = with_signature_evidence(context, occurrence.evidence(Observed::DowngradeMark { port }));
        let occurrence = occurrence.evidence(Observed::ContinuedWithTls12 { port });
        verdict.with(match context.is_intercepted() {
            // A box that opens TLS writes the answer, and copies the mark from the hub's.
            true => occurrence.severity(Severity::Info).symptom_of(Code::TlsIntercepted),
            false => occurrence.severity(Severity::Warning),
        })
    }
}

impl HelloRewritten {
    fn of_tls_13(lets_tls_12_through: bool) -> Self {
        Self { hidden: Some("TLS 1.3".to_owned()), lets_tls_12_through, arrives: false }
    }

    fn version(&self, scope: &Scope) -> String {
        scope.or_placeholder("VERSION", self.hidden.as_deref().unwrap_or("the newest version"))
    }
}

/// An answer with the downgrade mark, and the signature over it.
#[derive(Debug, Clone, Copy)]
struct SignedAnswer {
    signer: Identity,
    /// Whether a handshake that continues from there succeeds.
    finished: Option<bool>,
}

impl SignedAnswer {
    fn of(context: AttemptContext<'_>) -> Option<Self> {
        let mut trials = context.all_results::<kind::Downgrade>().flat_map(|hellos| &hellos.trials);
        trials.find_map(|trial| match &trial.answer {
            Answer::ServerHello { chosen: Some(chosen), .. } => {
                let signer = chosen.signed_by.filter(|_| chosen.would_take.is_some())?;
                Some(Self { signer, finished: chosen.finished })
            }
            _ => None,
        })
    }

    fn occurrence(self, lets_tls_12_through: bool) -> Occurrence {
        let rewritten = HelloRewritten::of_tls_13(lets_tls_12_through);
        let arrives = HelloRewritten { arrives: true, ..rewritten.clone() };
        match (self.signer, self.finished) {
            (Identity::Proven | Identity::UntrustedHere, Some(true)) => {
                Occurrence::confirmed(arrives).owner(Owner::HubOwner)
            }
            // A box that opens TLS reads the hello as it was sent, and may copy the mark of the hub's answer.
            (Identity::Trusted, Some(true)) => {
                Occurrence::possible(arrives, &[Code::TlsIntercepted]).owner(Owner::HubOwner)
            }
            (Identity::Proven | Identity::UntrustedHere | Identity::Trusted, Some(false)) => {
                Occurrence::confirmed(rewritten)
            }
            (Identity::Foreign | Identity::Unverified, _) => Occurrence::possible(rewritten, &[Code::TlsIntercepted]),
            (Identity::Trusted, None) => Occurrence::likelier_than(rewritten, Code::TlsIntercepted),
            (Identity::Proven | Identity::UntrustedHere, None) | (Identity::Intercepted, _) => {
                Occurrence::likely(rewritten)
            }
        }
    }
}

fn with_signature_evidence(context: AttemptContext<'_>, occurrence: Occurrence) -> Occurrence {
    let Some(SignedAnswer { signer, finished }) = SignedAnswer::of(context) else { return occurrence };
    let occurrence = match signer {
        Identity::Proven | Identity::UntrustedHere => occurrence.evidence(Observed::SignedByTheHub),
        Identity::Trusted => occurrence.evidence(Observed::SignedByATrusted),
        _ => occurrence,
    };
    match finished {
        Some(arrived) => occurrence.evidence(Observed::Compared { arrived }),
        None => occurrence,
    }
}

fn accepts_tls_12_only(context: AttemptContext<'_>) -> bool {
    context.versions_compared() == VersionComparison::Accepted(vec!["TLS 1.2"])
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    DowngradeMark { port: u16 },
    SignedByTheHub,
    SignedByATrusted,
    Compared { arrived: bool },
    ContinuedWithTls12 { port: u16 },
    AnswerDoesNotFit { port: u16 },
    AcceptsTls12 { port: u16 },
    OlderWithMark { port: u16, version: String, would_take: String },
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DowngradeMark { port } => write!(
                f,
                "offered TLS 1.3 and 1.2, port {port} chose TLS 1.2, with the mark of RFC 8446, 4.1.3: it has TLS 1.3, and says \
                 that it was not offered"
            ),
            Self::SignedByTheHub => {
                write!(f, "that mark is the hub's own: its signature covers it, and the random of this device's hello")
            }
            Self::SignedByATrusted => write!(
                f,
                "the signature that covers the mark is of a certificate that this device trusts (the hub's own roots are not \
                 known)"
            ),
            Self::Compared { arrived: false } => write!(
                f,
                "a handshake that goes on from there fails where both ends compare what they saw of it: another hello arrived"
            ),
            Self::Compared { arrived: true } => write!(
                f,
                "a handshake that goes on from there ends well: both ends saw the same hello, and nothing was edited on the way"
            ),
            Self::ContinuedWithTls12 { port } => {
                write!(f, "offered TLS 1.2 alone, port {port} goes on: what was tested further was tested so")
            }
            Self::AnswerDoesNotFit { port } => {
                write!(f, "what port {port} answers to a hello that offers TLS 1.3 fits no such hello")
            }
            Self::AcceptsTls12 { port } => write!(f, "offered TLS 1.2 alone, port {port} answers as it should"),
            Self::OlderWithMark { port, version, would_take } => write!(
                f,
                "offered TLS 1.2, port {port} chose {version}, with the mark of RFC 8446, 4.1.3: it has {would_take}, and says \
                 that it was not offered"
            ),
        }
    }
}
