//! Only hellos that name this application protocol are stopped.

use std::fmt;

use serde::Serialize;

use super::sni_filter::comparable_failure;
use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity, attempt_context::AttemptContext, attempt_verdict::AttemptVerdict,
        cause_kind::CauseKind, evidence::Statement, occurrence::Occurrence, scope::Scope, text::clipped,
    },
    observation::{Stage, TlsFailure},
};

/// Alert number of RFC 7301, section 3.2: the server itself does not serve the application protocol.
const NO_APPLICATION_PROTOCOL_ALERT: u8 = 120;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct AlpnFilter {
    /// The protocol's name.
    alpn: String,
}

impl CauseKind for AlpnFilter {
    const ENTRY: Entry = Entry {
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::FirewallOwner,
        forgery: Forgery::OnlyTheAccused,
        explanation: "Some hubs tell MQTT from web traffic on port 443 by a name in the first TLS message (ALPN). A firewall \
            reads it and lets out only the names that it knows.",
        proof: "The same address and port answers the same hello with `http/1.1`, or without any, at the same moment and never \
            with this one, twice each. A server that refuses it by an alert of its own is none.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!("A firewall stops TLS that names the application protocol {}", scope.or_placeholder("ALPN", &self.alpn))
    }

    fn fix(&self, scope: &Scope) -> String {
        format!(
            "Allow TLS with the application protocol {} to {} on {}, or use a protocol without it.",
            scope.or_placeholder("ALPN", &self.alpn),
            scope.host(),
            scope.tcp()
        )
    }

    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        let Some(failure) = comparable_failure(context, &verdict) else { return verdict };
        let Some((alpn, times)) = context.only_this_alpn_fails() else { return verdict };
        let observed = Observed { alpn: clipped(alpn), times };
        // The server itself says that it does not serve it.
        if matches!(failure, TlsFailure::Alert { code: NO_APPLICATION_PROTOCOL_ALERT, .. }) {
            return verdict.map_causes(|cause| {
                cause.ruling_out(Code::SniFilter).or_possibly(Code::AlpnFilter).evidence(observed.clone())
            });
        }
        let cause = Self { alpn: clipped(alpn) };
        let occurrence = if times >= 2 { Occurrence::confirmed(cause) } else { Occurrence::likely(cause) };
        AttemptVerdict::blocked(
            format!("stopped by its application protocol: {}", verdict.summary),
            occurrence.evidence_from(verdict.causes).evidence(observed),
        )
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Observed {
    alpn: String,
    times: usize,
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the same hello with another application protocol, or none, is answered at the same moment, and never the one \
             with {} (tried {} times)",
            self.alpn, self.times
        )
    }
}
