//! Large packets are lost on the path back.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity, attempt_context::AttemptContext, attempt_end::AttemptEnd,
        attempt_verdict::AttemptVerdict, cause_kind::CauseKind, client_hellos::SegmentComparison, evidence::Statement,
        occurrence::Occurrence, scope::Scope, text::duration_in_sentence,
    },
    observation::{Stage, TlsFailure},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct PathMtuBlackhole {
    /// The largest segment size, in bytes, with which the complete answer arrives.
    mss: u16,
}

impl CauseKind for PathMtuBlackhole {
    const ENTRY: Entry = Entry {
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::NetworkAdmin,
        forgery: Forgery::OnlyTheAccused,
        explanation: "A link on the path carries only small packets, and the messages that would say so are filtered; tunnels \
            and mobile networks are prone to it.",
        proof: "The same hello brings the whole answer with a smaller segment size (MSS 1300, 1200 or 536 bytes) and with \
            every size below that, and none with larger ones or without, at the same moment, twice each at least.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!("Large packets from {} are lost on the way", scope.host())
    }

    fn fix(&self, scope: &Scope) -> String {
        format!(
            "Let ICMP type 3 code 4 (ICMPv6 type 2) pass, or clamp the TCP segment size (MSS) on the tunnel: {} bytes work.",
            scope.or_placeholder("MSS", self.mss)
        )
    }

    fn is_same(&self, _: &Self) -> bool {
        true
    }

    /// The size that works everywhere.
    fn merge(&mut self, other: &Self) {
        self.mss = self.mss.min(other.mss);
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let AttemptEnd::Tls(TlsFailure::TimedOut { bytes_received, .. }) = context.ended() else { return None };
        let SegmentComparison::Works(mss) = context.segments_compared() else { return None };
        let received = Observed::Received { port: context.port(), bytes: *bytes_received, took_ms: context.took_ms() };
        Some(AttemptVerdict::blocked(
            format!("large packets are lost: works with segments of {mss} bytes"),
            Occurrence::confirmed(Self { mss }).evidence(received).evidence(Observed::SmallerWorks { mss }),
        ))
    }
}

/// Smaller segments do not help, so the cause is not the path MTU.
pub(super) fn exclude_mtu(context: AttemptContext<'_>, occurrence: Occurrence) -> Occurrence {
    match context.segments_compared() {
        SegmentComparison::NoneWorks => {
            occurrence.ruling_out_or_proxied(Code::PathMtuBlackhole).evidence(Observed::SmallerFails)
        }
        SegmentComparison::Works(_) | SegmentComparison::NotKnown => occurrence,
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    Received { port: u16, bytes: u64, took_ms: f64 },
    SmallerWorks { mss: u16 },
    SmallerFails,
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Received { port, bytes: 0, took_ms } => {
                write!(f, "of the answer on port {port} not a byte came in {}", duration_in_sentence(*took_ms))
            }
            Self::Received { port, bytes, took_ms } => {
                write!(f, "of the answer on port {port} {bytes} bytes came in {}", duration_in_sentence(*took_ms))
            }
            Self::SmallerWorks { mss } => write!(f, "with segments of at most {mss} bytes the whole answer comes"),
            Self::SmallerFails => write!(f, "smaller segments, down to 536 bytes, do not mend it"),
        }
    }
}
