//! The hub's certificate has a form that some or all strict libraries refuse.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_verdict::{AttemptOutcome, AttemptVerdict},
        cause_kind::CauseKind,
        certificate_refusal::CertificateRefusal,
        evidence::Statement,
        occurrence::Occurrence,
        presented_chain::{FlawedChain, Presented, faulty_certificate, flaw_text},
        scope::Scope,
        text::clipped,
    },
    observation::{ChainVerdict, Flaw, NameMatch, Stage, Trust},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct CertificateForm {
    #[serde(skip_serializing_if = "Option::is_none")]
    form: Option<Form>,
    /// The subject of the authority whose certificate it is, if it is not the hub's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    authority: Option<String>,
}

/// What is unusual about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Form {
    /// It has no DNS name; the common name is the hub's.
    CommonNameAlone,
    /// A wildcard for part of a label.
    PartialWildcard,
    /// It breaks a rule that OpenSSL or this program's library enforces.
    Flawed(Flaw),
    /// The name is right, but this program's library does not find it.
    OddName,
}

impl CauseKind for CertificateForm {
    const ENTRY: Entry = Entry {
        stage: Stage::Tls,
        severity: Severity::Warning,
        owner: Owner::HubOwner,
        forgery: Forgery::Nobody,
        explanation: "The hub's certificate is genuine, but of a form that some TLS libraries refuse: X.509 version 1, an \
            authority's own certificate as the server's, the name in the common name alone, an IP address as a DNS name. Where \
            OpenSSL refuses it too, it stops the device.",
        proof: "The chain leads to a known root by rules as lenient as OpenSSL's, the peer holds its key, and what is unusual \
            stands in the certificate.",
    };

    fn title(&self, scope: &Scope) -> String {
        let what = self.form.map_or("has an unusual form", Form::description);
        format!("The certificate of {} {what}", scope.host())
    }

    fn fix(&self, scope: &Scope) -> String {
        let who = self.form.map_or("", Form::refused_by);
        if let Some(authority) = &self.authority {
            return format!(
                "Have the certificate of {} issued by another authority than {authority}, or that one's \
                 certificate issued anew as an authority's.{who}",
                scope.host()
            );
        }
        format!(
            "Have the certificate of {} issued anew, as a server's certificate of version 3 with that \
             name as a subject alternative name.{who}",
            scope.host()
        )
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let CertificateRefusal::Flawed(trust, flaw) = context.certificate_refusal()? else { return None };
        let certificate = faulty_certificate(trust.authority());
        let own = context.chain().first().and_then(|own| own.subject.as_deref()).map(clipped);
        let authority = certificate.clone().filter(|certificate| own.as_ref() != Some(certificate));
        let cause = Self { form: Some(Form::Flawed(flaw)), authority };
        let occurrence = Occurrence::confirmed(cause).severity(Severity::Error).evidence(Presented::of(context));
        let observed = FlawedChain { certificate, flaw };
        Some(AttemptVerdict::blocked("the certificate breaks a rule that devices keep", occurrence.evidence(observed)))
    }

    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        let goes_on = verdict.outcome != AttemptOutcome::Unknown && context.passed_tls() && !context.is_intercepted();
        let form = context.trust().filter(|_| goes_on).and_then(unusual_form);
        match form {
            Some(form) => {
                let cause = Self { form: Some(form), authority: None };
                let occurrence = Occurrence::confirmed(cause).evidence(Presented::of(context));
                let occurrence = if is_pinned(context) { occurrence.evidence(Observed::Pinned) } else { occurrence };
                verdict.with(occurrence.evidence(Observed::Unusual(form)))
            }
            None => verdict,
        }
    }
}

/// Whether the device's store contains the server's own certificate, copied there.
fn is_pinned(context: AttemptContext<'_>) -> bool {
    let path = context.trust().map(|trust| trust.device.path.as_slice());
    match (path, context.chain()) {
        (Some([only]), [own, ..]) => only.sha256.as_ref() == Some(&own.sha256),
        _ => false,
    }
}

/// What other libraries refuse in a certificate that a device built on OpenSSL accepts.
fn unusual_form(trust: &Trust) -> Option<Form> {
    match (trust.device.accepts(), trust.device.library) {
        (true, ChainVerdict::Rejected { reason, .. }) if !reason.is_our_own_limit() => {
            return Some(Form::Flawed(reason));
        }
        (true, _) => {}
        (false, _) => return None,
    }
    match trust.name_match? {
        NameMatch::CommonName => Some(Form::CommonNameAlone),
        NameMatch::PartialWildcard => Some(Form::PartialWildcard),
        _ if trust.library_name_matches == Some(false) => Some(Form::OddName),
        _ => None,
    }
}

impl Form {
    fn description(self) -> &'static str {
        match self {
            Self::CommonNameAlone => "has its name in the common name alone",
            Self::PartialWildcard => "has a wildcard for a part of a name",
            Self::OddName => "has its name in an unusual form",
            Self::Flawed(Flaw::Version) => "is of X.509 version 1",
            Self::Flawed(Flaw::AuthorityAsServer) => "is that of an authority",
            Self::Flawed(_) => "breaks a rule",
        }
    }

    /// Which devices accept it and which do not, as far as is known.
    fn refused_by(self) -> &'static str {
        match self {
            Self::CommonNameAlone => {
                " Devices built on OpenSSL go on; those built on Go, rustls or current browsers' engines do not look there."
            }
            Self::Flawed(Flaw::Version | Flaw::AuthorityAsServer) => {
                " Devices built on OpenSSL, Go or mbed TLS go on; those built on rustls refuse."
            }
            Self::PartialWildcard | Self::OddName => " Devices built on OpenSSL go on; others may not.",
            Self::Flawed(_) => "",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    Unusual(Form),
    Pinned,
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unusual(Form::Flawed(flaw)) => {
                write!(f, "this device accepts the chain, although {}", flaw_text(*flaw))
            }
            Self::Pinned => {
                write!(
                    f,
                    "it is the very certificate that this device's trust store holds (pinned): that is why it is trusted"
                )
            }
            Self::Unusual(form) => write!(f, "this device accepts the certificate, which {}", form.description()),
        }
    }
}
