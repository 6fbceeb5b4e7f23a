//! No version or suite in common.

use std::fmt;

use serde::Serialize;

use super::tls_alert::{AlertEvidence, VersionAccepted};
use crate::{
    diagnosis::{
        Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_end::AttemptEnd,
        attempt_verdict::AttemptVerdict,
        cause_kind::CauseKind,
        client_hellos::{SniComparison, VersionComparison},
        evidence::Statement,
        occurrence::Occurrence,
        scope::Scope,
        text::clipped,
    },
    observation::{Stage, TlsFailure},
};

/// Alert numbers of RFC 8446, section 6.
const HANDSHAKE_FAILURE_ALERT: u8 = 40;
const PROTOCOL_VERSION_ALERT: u8 = 70;
const INSUFFICIENT_SECURITY_ALERT: u8 = 71;

/// Versions that must not be used any more (RFC 8996).
const OBSOLETE_VERSIONS: [&str; 3] = ["SSL 3.0", "TLS 1.0", "TLS 1.1"];

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct TlsVersionUnsupported {
    /// The alert that says so; `None` if the peer chose what was not offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    alert: Option<String>,
    /// The version that it chose although a newer one was offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
}

impl CauseKind for TlsVersionUnsupported {
    const ENTRY: Entry = Entry {
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        forgery: Forgery::AnyoneOnPath,
        explanation: "The peer has neither TLS 1.2 nor 1.3, which is all that devices should speak today. A very old server, or \
            an old inspecting firewall, does this.",
        proof: "The peer chooses an older version though a newer one is offered; or it refuses TLS 1.2 and TLS 1.3 each alone, \
            by an alert, whatever the name, and takes no wider offer either (`tls-suites-uncommon`). That is said in clear, \
            before anybody has proved who he is, so it is `likely` at most. An alert after a version was chosen says \
            something else (`tls-alert`), and so does one that does not come where TLS 1.2 is offered alone.",
    };

    fn title(&self, scope: &Scope) -> String {
        match &self.version {
            Some(version) => format!("TLS on {} is no newer than {version}", scope.tcp()),
            None => format!("No TLS version or cipher suite in common on {}", scope.tcp()),
        }
    }

    fn fix(&self, _: &Scope) -> String {
        "Enable TLS 1.2 or 1.3 at the hub; where TLS is inspected on the way, the security team must do so there."
            .to_owned()
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let port = context.port();
        let version = obsolete_version(context);
        let cause = Self { alert: None, version: version.map(clipped) };
        match context.ended() {
            AttemptEnd::Tls(TlsFailure::Incompatible { .. }) => {
                let occurrence = with_version_comparison(context, Occurrence::likely(cause));
                let occurrence = match version {
                    Some(version) => occurrence.evidence(Observed::ChoseVersion { port, version: clipped(version) }),
                    None => occurrence.evidence(
                        "the peer's answer names no version, suite and key exchange that this program offers",
                    ),
                };
                Some(AttemptVerdict::blocked("no TLS version or suite in common", occurrence))
            }
            // Some servers close the connection instead of sending an alert.
            AttemptEnd::Tls(TlsFailure::Closed { bytes_received: 0 } | TlsFailure::Reset { bytes_received: 0 }) => {
                let observed = Observed::ChoseVersion { port, version: clipped(version?) };
                let occurrence = Occurrence::likely(cause).evidence(observed);
                Some(AttemptVerdict::blocked("no TLS version in common", occurrence))
            }
            AttemptEnd::Tls(TlsFailure::Alert { code, name }) if !context.has_server_hello() => {
                by_alert(context, *code, name)
            }
            _ => None,
        }
    }
}

/// The obsolete version that the peer chose from a wider offer.
fn obsolete_version(context: AttemptContext<'_>) -> Option<&str> {
    context.wide_hellos().map(|(version, _)| version).find(|version| OBSOLETE_VERSIONS.contains(version))
}

/// An alert that is about versions or suites: by its number, or because it comes with any name and with each version
/// alone.
fn by_alert(context: AttemptContext<'_>, code: u8, name: &str) -> Option<AttemptVerdict> {
    let version = obsolete_version(context);
    let whatever_the_name = matches!(context.names_compared(), SniComparison::AllAlike | SniComparison::NoneSent);
    let compared = context.versions_compared();
    let is_about_versions = match code {
        _ if matches!(compared, VersionComparison::Accepted(_)) => false,
        PROTOCOL_VERSION_ALERT | INSUFFICIENT_SECURITY_ALERT => true,
        HANDSHAKE_FAILURE_ALERT => {
            version.is_some() || (whatever_the_name && compared == VersionComparison::BothRefused)
        }
        _ => false,
    };
    if !is_about_versions {
        return None;
    }
    let alert = AlertEvidence::of(context, code, name);
    let cause = TlsVersionUnsupported { alert: Some(clipped(name)), version: version.map(clipped) };
    let occurrence = Occurrence::likely(cause);
    let occurrence = if whatever_the_name { with_version_comparison(context, occurrence) } else { occurrence };
    let occurrence = match version {
        Some(version) => {
            occurrence.evidence(Observed::ChoseVersion { port: context.port(), version: clipped(version) })
        }
        None => occurrence,
    };
    Some(AttemptVerdict::blocked(alert.summary(), occurrence.evidence(alert)))
}

/// Adds whether each version alone is refused too.
fn with_version_comparison(context: AttemptContext<'_>, occurrence: Occurrence) -> Occurrence {
    match context.versions_compared() {
        VersionComparison::BothRefused => occurrence.proved().evidence(Observed::BothRefused),
        VersionComparison::Accepted(versions) => {
            let versions = versions.into_iter().map(clipped).collect();
            occurrence.evidence(VersionAccepted { versions })
        }
        VersionComparison::NotKnown => occurrence,
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    ChoseVersion { port: u16, version: String },
    BothRefused,
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ChoseVersion { port, version } => {
                write!(f, "offered TLS 1.2 and older versions, port {port} chose {version}")
            }
            Self::BothRefused => write!(f, "TLS 1.2 alone and TLS 1.3 alone are refused too"),
        }
    }
}
