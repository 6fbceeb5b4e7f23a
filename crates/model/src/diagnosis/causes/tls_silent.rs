//! The hello is acknowledged, but no answer comes.

use std::fmt;

use serde::Serialize;

use super::path_mtu_blackhole::exclude_mtu;
use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity, attempt_context::AttemptContext, attempt_end::AttemptEnd,
        attempt_verdict::AttemptVerdict, cause_kind::CauseKind, evidence::Statement, occurrence::Occurrence,
        scope::Scope, text::duration_in_sentence,
    },
    observation::{Stage, TlsFailure},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct TlsSilent {
    /// An answer began.
    #[serde(skip)]
    is_halfway: bool,
}

impl CauseKind for TlsSilent {
    const ENTRY: Entry = Entry {
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        forgery: Forgery::AnyoneOnPath,
        explanation: "The TCP connection was made and our first TLS message sent, but the handshake never completes. A \
            filter, a link that loses large packets, or a hung server look alike from here.",
        proof: "Always `possible`: what was ruled out by another name or a smaller segment size is no longer among the \
            alternatives.",
    };

    fn title(&self, scope: &Scope) -> String {
        match self.is_halfway {
            false => format!("TLS on {} stalls: our first message gets no answer", scope.tcp()),
            true => format!("TLS on {} stalls halfway: an answer begins and does not go on", scope.tcp()),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        format!("Find out why {} of {} accepts connections and never answers TLS.", scope.tcp(), scope.host())
    }

    fn first_step(&self, _: &Scope) -> Option<String> {
        Some("Compare from another network: if it works there, ask this network's administrator instead.".to_owned())
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let AttemptEnd::Tls(TlsFailure::TimedOut { bytes_received, acknowledged, .. }) = context.ended() else {
            return None;
        };
        let (port, took_ms) = (context.port(), context.took_ms());
        let took = duration_in_sentence(took_ms);
        let (summary, occurrence, observed) = match bytes_received {
            0 => {
                let alternatives = [Code::SniFilter, Code::PathMtuBlackhole, Code::TransparentProxy];
                let arrived = acknowledged.is_some();
                let occurrence = exclude_mtu(context, Occurrence::possible(Self { is_halfway: false }, &alternatives))
                    .or_possibly_if(!arrived, Code::ClientHelloDropped);
                let summary = format!("TLS stalls: silent for {took}");
                (summary, occurrence, Observed::NoAnswer { port, arrived, took_ms })
            }
            some => {
                let cause = Self { is_halfway: true };
                let occurrence = exclude_mtu(context, Occurrence::possible(cause, &[Code::PathMtuBlackhole]));
                let summary = format!("TLS stalls halfway: {some} bytes in {took}");
                (summary, occurrence, Observed::PartialAnswer { port, bytes: *some, took_ms })
            }
        };
        Some(AttemptVerdict::blocked(summary, occurrence.evidence(observed)))
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    NoAnswer { port: u16, arrived: bool, took_ms: f64 },
    PartialAnswer { port: u16, bytes: u64, took_ms: f64 },
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAnswer { port, arrived, took_ms } => {
                let sent = match arrived {
                    true => "was acknowledged",
                    false => "was sent (this system does not tell whether it arrived)",
                };
                let took = duration_in_sentence(*took_ms);
                write!(f, "the ClientHello to port {port} {sent}, and not a byte came back in {took}")
            }
            Self::PartialAnswer { port, bytes, took_ms } => {
                let took = duration_in_sentence(*took_ms);
                write!(f, "{bytes} bytes of the handshake came on port {port}, then no more in {took}")
            }
        }
    }
}
