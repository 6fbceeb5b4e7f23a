//! A box on the path edits TLS 1.3 out of hellos.

use std::fmt;

use serde::Serialize;

use super::CauseKind;
use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity, attempt_context::AttemptContext, client_hellos::Versions,
        evidence::Statement, ladder::Ended, occurrence::Occurrence, scope::Scope, text::clipped,
        verdict::AttemptVerdict,
    },
    observation::{Answer, Chosen, Identity, Stage, TlsFailure, kind},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct HelloRewritten {
    /// The newest version that the hub has and is not asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    hidden: Option<String>,
    /// Devices that offer no more than TLS 1.2 get through.
    #[serde(skip)]
    lets_tls_12_through: bool,
}

impl CauseKind for HelloRewritten {
    const ENTRY: Entry = Entry {
        word: "hello-rewritten",
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::SecurityTeam,
        forgery: Forgery::OnlyTheAccused,
        explanation: "A box on the path edits the newest TLS version out of the first message of TLS, as inspection engines do \
            that do not know it. The hub marks its answer, so that the device notices; every device that offers that version \
            ends the handshake, as it should. Devices that offer TLS 1.2 alone get through, and for them it is a warning.",
        proof: "The answer to a hello that offers TLS 1.3 is TLS 1.2 and bears the mark of RFC 8446, section 4.1.3, which only \
            a peer sets that has TLS 1.3 and was not offered it; and the hub's signature covers that mark together with this \
            device's own random. Where only this device's store, and not the hub's own roots, vouches for whoever signed, a \
            box that opens TLS remains beside it.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!("A box on the path edits {} out of TLS hellos on {}", self.version(scope), scope.tcp())
    }

    fn fix(&self, scope: &Scope) -> String {
        let meanwhile = match self.lets_tls_12_through {
            true => " Until then devices that offer TLS 1.2 alone work, and those that offer TLS 1.3 too do not.",
            false => "",
        };
        let version = self.version(scope);
        format!(
            "Exempt {} from TLS inspection on {}, or update the box that inspects: it changes hellos that offer {version}. If \
             nothing here does so, ask the hub's owner for what stands in front of the hub.{meanwhile}",
            scope.host(),
            scope.tcp()
        )
    }

    fn is_same(&self, other: &Self) -> bool {
        self.hidden == other.hidden
    }

    /// What holds on every port.
    fn merge(&mut self, other: &Self) {
        self.lets_tls_12_through &= other.lets_tls_12_through;
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let port = context.port();
        match context.ended() {
            Ended::Tls(TlsFailure::Downgraded) => {
                let cause = Self { hidden: Some("TLS 1.3".to_owned()), lets_tls_12_through: false };
                let occurrence = match signer(context) {
                    Some(signer) => by_signer(cause, signer),
                    None => Occurrence::possible(cause, &[Code::TlsIntercepted, Code::NotTls]),
                };
                let occurrence = with_signature(context, occurrence.evidence(Seen::Marked { port }));
                Some(AttemptVerdict::blocked("the TLS hello is changed on the way", occurrence))
            }
            // An answer that fits no hello of ours, while a hello of TLS 1.2 alone gets a right one.
            Ended::Tls(TlsFailure::Invalid { .. }) if only_tls_12_is_taken(context) => {
                let cause = Self { hidden: Some("TLS 1.3".to_owned()), lets_tls_12_through: false };
                let occurrence = Occurrence::possible(cause, &[Code::NotTls]);
                let occurrence = occurrence.evidence(Seen::Unfitting { port }).evidence(Seen::TakesTls12 { port });
                Some(AttemptVerdict::blocked("the answer does not fit the TLS hello", occurrence))
            }
            Ended::Tls(TlsFailure::Alert { .. } | TlsFailure::Incompatible { .. }) => {
                let (version, would_take) = context.wide_hellos().find_map(|(version, chosen)| {
                    Some((version, chosen.would_take.as_deref()?)).filter(|_| version != "TLS 1.2")
                })?;
                let cause = Self { hidden: Some(clipped(would_take)), lets_tls_12_through: false };
                let seen = Seen::OldAndMarked { port, version: clipped(version), would_take: clipped(would_take) };
                let occurrence = Occurrence::possible(cause, &[Code::TlsVersionUnsupported]).evidence(seen);
                Some(AttemptVerdict::blocked("the TLS hello seems to be changed on the way", occurrence))
            }
            _ => None,
        }
    }

    /// Where the climb went on as a device does that has TLS 1.2 alone.
    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        if !context.is_past_tls() || !context.tls().is_some_and(|tls| tls.downgraded) {
            return verdict;
        }
        let port = context.port();
        let cause = Self { hidden: Some("TLS 1.3".to_owned()), lets_tls_12_through: true };
        let occurrence = match signer(context) {
            Some(signer) => by_signer(cause, signer),
            None => Occurrence::likely(cause),
        };
        let occurrence = with_signature(context, occurrence.evidence(Seen::Marked { port }));
        let occurrence = occurrence.evidence(Seen::GoesOn { port });
        verdict.with(match context.is_intercepted() {
            // Whoever opens TLS writes the answer, and copies the mark from the hub's.
            true => occurrence.severity(Severity::Info).following(Code::TlsIntercepted),
            false => occurrence.severity(Severity::Warning),
        })
    }
}

impl HelloRewritten {
    fn version(&self, scope: &Scope) -> String {
        scope.or_word("VERSION", self.hidden.as_deref().unwrap_or("the newest version"))
    }
}

/// Whoever signed for the hub's name; nobody else's word counts.
fn by_signer(cause: HelloRewritten, signer: Identity) -> Occurrence {
    match signer {
        Identity::Proven | Identity::UntrustedHere => Occurrence::confirmed(cause),
        Identity::Intercepted => Occurrence::likely(cause),
        Identity::Trusted => Occurrence::likelier_than(cause, Code::TlsIntercepted),
        Identity::Foreign | Identity::Unverified => Occurrence::possible(cause, &[Code::TlsIntercepted]),
    }
}

/// Who signed an answer that bears the mark.
fn signer(context: AttemptContext<'_>) -> Option<Identity> {
    let trials = context.all_shown::<kind::Downgrade>().flat_map(|hellos| &hellos.trials);
    trials.into_iter().find_map(|trial| match &trial.answer {
        Answer::ServerHello { chosen: Some(chosen), .. } => marked_and_signed(chosen),
        _ => None,
    })
}

fn marked_and_signed(chosen: &Chosen) -> Option<Identity> {
    chosen.signed_by.filter(|_| chosen.would_take.is_some())
}

fn with_signature(context: AttemptContext<'_>, occurrence: Occurrence) -> Occurrence {
    match signer(context) {
        Some(Identity::Proven | Identity::UntrustedHere) => occurrence.evidence(Seen::SignedByTheHub),
        Some(Identity::Trusted) => occurrence.evidence(Seen::SignedByATrusted),
        _ => occurrence,
    }
}

fn only_tls_12_is_taken(context: AttemptContext<'_>) -> bool {
    context.versions_compared() == Versions::Accepted(vec!["TLS 1.2"])
}

#[derive(Debug, Clone, PartialEq)]
enum Seen {
    Marked { port: u16 },
    SignedByTheHub,
    SignedByATrusted,
    GoesOn { port: u16 },
    Unfitting { port: u16 },
    TakesTls12 { port: u16 },
    OldAndMarked { port: u16, version: String, would_take: String },
}

impl Statement for Seen {}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Marked { port } => write!(
                f,
                "offered TLS 1.3 and 1.2, port {port} chose TLS 1.2 and marked the answer (RFC 8446, 4.1.3): it has TLS 1.3, \
                 and no offer of it arrived"
            ),
            Self::SignedByTheHub => {
                write!(f, "that mark is the hub's own: its signature covers it, and the random of this device's hello")
            }
            Self::SignedByATrusted => write!(
                f,
                "the signature that covers the mark is of a certificate that this device trusts (the hub's own roots are not \
                 known)"
            ),
            Self::GoesOn { port } => {
                write!(f, "offered TLS 1.2 alone, port {port} goes on: what was tested further was tested so")
            }
            Self::Unfitting { port } => {
                write!(f, "what port {port} answers to a hello that offers TLS 1.3 fits no such hello")
            }
            Self::TakesTls12 { port } => write!(f, "offered TLS 1.2 alone, port {port} answers as it should"),
            Self::OldAndMarked { port, version, would_take } => write!(
                f,
                "offered TLS 1.2, port {port} chose {version} and marked the answer (RFC 8446, 4.1.3): it has {would_take}, \
                 and no offer of it arrived"
            ),
        }
    }
}
