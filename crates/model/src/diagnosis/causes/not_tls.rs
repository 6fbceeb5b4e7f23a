//! The peer does not speak TLS.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity, attempt_context::AttemptContext, attempt_end::AttemptEnd,
        attempt_verdict::AttemptVerdict, cause_kind::CauseKind, evidence::Statement, occurrence::Occurrence,
        scope::Scope,
    },
    observation::{FirstBytes, Stage, TlsFailure},
};

/// This many characters distinguish most answers.
const MAX_BEGINNING: usize = 32;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct NotTls {
    /// The start of its first line; `None` if it starts like TLS and breaks the protocol later.
    #[serde(skip_serializing_if = "Option::is_none")]
    begins: Option<String>,
    /// It starts like TLS: a poor imitation, or an inspecting box's mistake.
    #[serde(skip)]
    is_broken: bool,
}

impl CauseKind for NotTls {
    const ENTRY: Entry = Entry {
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::NetworkAdmin,
        forgery: Forgery::OnlyTheAccused,
        explanation: "The bytes that came back are not TLS. A portal, a proxy or another service answers in the hub's place, or \
            the port belongs to a service without TLS.",
        proof: "The first bytes of the answer. It is `likely`: who sent them is not known, and the hub's own port may be another \
            service's.",
    };

    fn title(&self, scope: &Scope) -> String {
        match self.is_broken {
            false => format!("Something that does not speak TLS answers on {}", scope.tcp()),
            true => format!("What answers on {} does not speak TLS as it should", scope.tcp()),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        format!(
            "Find what answers in the place of {} on {}: the first bytes in the evidence usually name it.",
            scope.host(),
            scope.tcp()
        )
    }

    fn first_step(&self, _: &Scope) -> Option<String> {
        Some("Check host and port.".to_owned())
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let port = context.port();
        match context.ended() {
            AttemptEnd::Tls(TlsFailure::NotTls { first_bytes }) => {
                let cause = Self { begins: Some(first_line(first_bytes)), is_broken: false };
                let occurrence = Occurrence::likelier_than(cause, Code::PlainProtocol);
                let observed = AnsweredWith { port, first_bytes: first_bytes.clone() };
                Some(AttemptVerdict::blocked("what answers does not speak TLS", occurrence.evidence(observed)))
            }
            AttemptEnd::Tls(TlsFailure::Invalid { .. }) => {
                let cause = Self { begins: None, is_broken: true };
                let occurrence = Occurrence::possible(cause, &[Code::TlsIntercepted]).evidence(Broken { port });
                Some(AttemptVerdict::blocked("what answers breaks the TLS protocol", occurrence))
            }
            // So does an answer that never ends.
            AttemptEnd::Tls(TlsFailure::Flood { bytes_received }) => {
                let cause = Self { begins: None, is_broken: true };
                let observed = Endless { port, bytes: *bytes_received };
                let occurrence = Occurrence::possible(cause, &[Code::TlsIntercepted]).evidence(observed);
                Some(AttemptVerdict::blocked("what answers never ends the TLS handshake", occurrence))
            }
            _ => None,
        }
    }
}

fn first_line(first_bytes: &FirstBytes) -> String {
    let bytes = first_bytes.as_slice();
    let line = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    FirstBytes::of(line).readable().chars().take(MAX_BEGINNING).collect()
}

/// The answer to a TLS hello.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AnsweredWith {
    pub(super) port: u16,
    pub(super) first_bytes: FirstBytes,
}

impl Statement for AnsweredWith {}

impl fmt::Display for AnsweredWith {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "port {} answered a TLS hello with: {}", self.port, self.first_bytes.readable())
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Broken {
    port: u16,
}

impl Statement for Broken {}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the answer on port {} begins like TLS and breaks the protocol further on", self.port)
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Endless {
    port: u16,
    bytes: u64,
}

impl Statement for Endless {}

impl fmt::Display for Endless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes came on port {}, and the handshake did not end", self.bytes, self.port)
    }
}
