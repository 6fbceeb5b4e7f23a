//! Large packets are lost on the way back.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity, attempt_context::AttemptContext, attempt_end::AttemptEnd,
        cause_kind::CauseKind, client_hellos::Segments, evidence::Statement, occurrence::Occurrence, scope::Scope,
        text::spoken, verdict::AttemptVerdict,
    },
    observation::{Stage, TlsFailure},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct PathMtuBlackhole {
    /// The largest segment size with which the whole answer comes, in bytes.
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
            scope.or_word("MSS", self.mss)
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
        let Segments::Cure(mss) = context.segments_compared() else { return None };
        let came = Observed::Came { port: context.port(), bytes: *bytes_received, took_ms: context.took_ms() };
        Some(AttemptVerdict::blocked(
            format!("large packets are lost: works with segments of {mss} bytes"),
            Occurrence::confirmed(Self { mss }).evidence(came).evidence(Observed::Cured { mss }),
        ))
    }
}

/// A silence that smaller segments do not mend is something else.
pub(super) fn without_it(context: AttemptContext<'_>, occurrence: Occurrence) -> Occurrence {
    match context.segments_compared() {
        Segments::NoCure => occurrence.without(Code::PathMtuBlackhole).evidence(Observed::NotCured),
        Segments::Cure(_) | Segments::NotKnown => occurrence,
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    Came { port: u16, bytes: u64, took_ms: f64 },
    Cured { mss: u16 },
    NotCured,
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Came { port, bytes: 0, took_ms } => {
                write!(f, "of the answer on port {port} not a byte came in {}", spoken(*took_ms))
            }
            Self::Came { port, bytes, took_ms } => {
                write!(f, "of the answer on port {port} {bytes} bytes came in {}", spoken(*took_ms))
            }
            Self::Cured { mss } => write!(f, "with segments of at most {mss} bytes the whole answer comes"),
            Self::NotCured => write!(f, "smaller segments, down to 536 bytes, do not mend it"),
        }
    }
}
