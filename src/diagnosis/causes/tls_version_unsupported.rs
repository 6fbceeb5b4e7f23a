//! No version or suite in common.

use std::fmt;

use serde::Serialize;

use super::{CauseKind, tls_alert::Sent};
use crate::{
    diagnosis::{
        Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        client_hellos::{SniComparison, Versions},
        evidence::Statement,
        ladder::Ended,
        occurrence::Occurrence,
        scope::Scope,
        text::clipped,
        verdict::AttemptVerdict,
    },
    observation::{Stage, TlsFailure},
};

/// Alert numbers of RFC 8446, section 6.
const HANDSHAKE_FAILURE: u8 = 40;
const PROTOCOL_VERSION: u8 = 70;
const INSUFFICIENT_SECURITY: u8 = 71;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct TlsVersionUnsupported {
    /// The alert by which the peer says so; `None` where it chose what was not offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    alert: Option<String>,
}

impl CauseKind for TlsVersionUnsupported {
    const ENTRY: Entry = Entry {
        word: "tls-version-unsupported",
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        forgery: Forgery::AnyoneOnPath,
        explanation: "The peer offers nothing that this program can accept: TLS 1.2 or 1.3 with AES-GCM or ChaCha20 suites. \
            A very old server, or an old inspecting firewall, does this.",
        proof: "The peer refuses TLS 1.2 and TLS 1.3 each alone, by an alert or an older version, whatever the name. That is \
            said in clear, before anybody has proved who he is, so it is `likely` at most. An alert after a version was chosen \
            says something else (`tls-alert`).",
    };

    fn title(&self, scope: &Scope) -> String {
        format!("No TLS version or cipher suite in common on {}", scope.tcp())
    }

    fn fix(&self, _: &Scope) -> String {
        "The hub's owner must enable TLS 1.2 or 1.3; if TLS is inspected on the way, the security team must.".to_owned()
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let whatever_the_name = matches!(context.names_compared(), SniComparison::Alike | SniComparison::NoneSent);
        match context.ended() {
            Ended::Tls(TlsFailure::Incompatible { .. }) => {
                let occurrence = with_versions(context, Occurrence::likely(Self { alert: None }));
                let seen = "the peer's answer names no version, suite and key exchange that this program offers";
                Some(AttemptVerdict::blocked("no TLS version or suite in common", occurrence.evidence(seen)))
            }
            Ended::Tls(TlsFailure::Alert { code, name }) if !context.has_server_hello() => {
                // Whatever the name, and each version alone: it is about versions or suites.
                let is_about_versions = match *code {
                    PROTOCOL_VERSION | INSUFFICIENT_SECURITY => true,
                    HANDSHAKE_FAILURE => whatever_the_name && context.versions_compared() == Versions::BothRefused,
                    _ => false,
                };
                if !is_about_versions {
                    return None;
                }
                let sent = Sent::of(context, *code, name);
                let occurrence = Occurrence::likely(Self { alert: Some(clipped(name)) });
                let occurrence = match whatever_the_name {
                    true => with_versions(context, occurrence),
                    false => occurrence,
                };
                Some(AttemptVerdict::blocked(sent.summary(), occurrence.evidence(sent)))
            }
            _ => None,
        }
    }
}

/// Whether one version at a time is refused too.
fn with_versions(context: AttemptContext<'_>, occurrence: Occurrence) -> Occurrence {
    match context.versions_compared() {
        Versions::BothRefused => occurrence.proved().evidence(Seen::BothRefused),
        Versions::Accepted(versions) => {
            let versions = versions.into_iter().map(clipped).collect();
            occurrence.evidence(Seen::Accepted { versions })
        }
        Versions::NotKnown => occurrence,
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Seen {
    BothRefused,
    Accepted { versions: Vec<String> },
}

impl Statement for Seen {}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BothRefused => write!(f, "TLS 1.2 alone and TLS 1.3 alone are refused too"),
            Self::Accepted { versions } => write!(f, "{} alone is answered", versions.join(" or ")),
        }
    }
}
