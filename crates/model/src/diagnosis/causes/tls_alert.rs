//! TLS alerts that no other cause explains.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity, attempt_context::AttemptContext, attempt_end::AttemptEnd,
        attempt_verdict::AttemptVerdict, cause_kind::CauseKind, client_hellos::VersionComparison, evidence::Statement,
        occurrence::Occurrence, scope::Scope, text::clipped,
    },
    observation::{Stage, TlsFailure},
};

/// Alert number of RFC 8446, section 6.
const HANDSHAKE_FAILURE_ALERT: u8 = 40;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct TlsAlert {
    /// The alert's name in the RFC.
    alert: String,
}

impl CauseKind for TlsAlert {
    const ENTRY: Entry = Entry {
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        forgery: Forgery::AnyoneOnPath,
        explanation: "The other end refused the handshake. An alert that comes before the hub's certificate proves nothing \
            about who sent it: a firewall can forge it.",
        proof: "Always `possible`. Where another name is answered instead, it is an `sni-filter`, unless the alert is \
            `unrecognized_name`, a server's own word for it.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!("TLS on {} is refused with the alert {}", scope.tcp(), scope.or_placeholder("ALERT", &self.alert))
    }

    fn fix(&self, scope: &Scope) -> String {
        format!("Find out why TLS on {} of {} ends with this alert.", scope.tcp(), scope.host())
    }

    fn first_step(&self, _: &Scope) -> Option<String> {
        Some("Compare from another network: if it works there, ask this network's firewall owner instead.".to_owned())
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let AttemptEnd::Tls(TlsFailure::Alert { code, name }) = context.ended() else { return None };
        let before_the_certificate = context.chain().is_empty();
        let alternatives: &[Code] = match *code {
            HANDSHAKE_FAILURE_ALERT if before_the_certificate && !context.has_server_hello() => {
                &[Code::TlsVersionUnsupported, Code::SniFilter]
            }
            _ if before_the_certificate => &[Code::SniFilter],
            _ => &[Code::ClientCertificateRequired],
        };
        let sent = AlertEvidence::of(context, *code, name);
        let occurrence = Occurrence::possible(Self { alert: clipped(name) }, alternatives);
        let occurrence = match context.versions_compared() {
            VersionComparison::Accepted(versions) => {
                let versions = versions.into_iter().map(clipped).collect();
                let occurrence = occurrence.ruling_out(Code::TlsVersionUnsupported).or_possibly(Code::HelloRewritten);
                occurrence.evidence(VersionAccepted { versions })
            }
            VersionComparison::BothRefused | VersionComparison::NotKnown => occurrence,
        };
        Some(AttemptVerdict::blocked(sent.summary(), occurrence.evidence(sent)))
    }
}

/// An alert during the handshake.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AlertEvidence {
    port: u16,
    code: u8,
    name: String,
    after_server_hello: bool,
}

impl AlertEvidence {
    pub(super) fn of(context: AttemptContext<'_>, code: u8, name: &str) -> Self {
        let after_server_hello = context.has_server_hello();
        Self { port: context.port(), code, name: clipped(name), after_server_hello }
    }

    pub(super) fn summary(&self) -> String {
        format!("TLS refused: alert {}", self.name)
    }
}

impl Statement for AlertEvidence {}

impl fmt::Display for AlertEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { port, code, name, after_server_hello } = self;
        let after = if *after_server_hello { ", after a version and a suite were chosen" } else { "" };
        write!(f, "port {port} sent the TLS alert {name} ({code}){after}")
    }
}

/// Versions that are answered when offered alone.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct VersionAccepted {
    pub(super) versions: Vec<String>,
}

impl Statement for VersionAccepted {}

impl fmt::Display for VersionAccepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} alone is answered", self.versions.join(" or "))
    }
}
