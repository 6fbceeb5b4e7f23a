//! The certificate is for other names.

use std::fmt;

use serde::Serialize;

use super::CauseKind;
use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        evidence::Statement,
        occurrence::Occurrence,
        refusal::Refusal,
        scope::Scope,
        text::{clipped, listed},
        verdict::AttemptVerdict,
    },
    observation::Stage,
};

/// How many of a foreign certificate's names are shown.
const MOST_NAMES: usize = 5;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct CertificateNameMismatch {
    /// Those that it is for, as a sentence tells them.
    names: String,
}

impl CauseKind for CertificateNameMismatch {
    const ENTRY: Entry = Entry {
        word: "certificate-name-mismatch",
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::Operator,
        forgery: Forgery::AnyoneOnPath,
        explanation: "A genuine certificate, but of another name: the hostname is wrong, or the address belongs to another \
            machine.",
        proof: "The chain leads to a trusted root, and the name is not among its own. That the name server sent us to \
            another machine (`dns-hijack`) is not ruled out in this version, which leaves it `possible`.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!("The certificate is not for {}, but for {}", scope.host(), scope.or_word("NAMES", &self.names))
    }

    fn fix(&self, _: &Scope) -> String {
        "Check the hostname, and that its address is the hub's: what other name servers and `--address` say.".to_owned()
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let Refusal::OtherName(trust) = context.refusal()? else { return None };
        let names = context.chain().first().map(|own| own.names.as_slice()).unwrap_or_default();
        let names: Vec<String> = names.iter().take(MOST_NAMES).map(|name| clipped(name)).collect();
        let names = if names.is_empty() { "no name at all".to_owned() } else { clipped(&listed(&names)) };
        let summary = format!("the certificate is for {names}");
        let seen = Seen { names: names.clone() };
        let occurrence = Occurrence::possible(Self { names }, &[Code::DnsHijack]).evidence(seen);
        let occurrence = match trust.authority().leads_to_a_root() {
            true => occurrence,
            false => occurrence.or(Code::TlsIntercepted),
        };
        Some(AttemptVerdict::blocked(summary, occurrence))
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Seen {
    names: String,
}

impl Statement for Seen {}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the certificate leads to a known root and is for {}", self.names)
    }
}
