//! The link carries so little that checks made at once wait for each other.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        cause_kind::CauseKind,
        crowd::{self, Crowded},
        evidence::Statement,
        occurrence::Occurrence,
        scope::Scope,
        text::spoken,
        verdict::{AttemptOutcome, AttemptVerdict},
    },
    observation::{LinkRate, Stage, kind},
};

/// A check that takes longer, while the link is at work all the time, waits for the others.
const LONG_MS: f64 = 2500.0;
/// What carries more is no slow link, whatever makes it wait.
const FAST_KBIT_PER_S: f64 = 256.0;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct LinkTooSlow {
    /// What the link carried; `None` where it was not measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    kbit_per_s: Option<u32>,
}

impl CauseKind for LinkTooSlow {
    const ENTRY: Entry = Entry {
        stage: Stage::Tls,
        severity: Severity::Warning,
        owner: Owner::Nobody,
        forgery: Forgery::AnyoneOnPath,
        explanation: "The link carries so little that the checks of this program, made at once, wait for each other. Each works, \
            slowly. Mobile contracts past their volume, satellites and old radio modems are like that.",
        proof: "Bytes came all the time for seconds, or a check that timed out beside others works alone. It is `likely` at \
            most: a hub that sends slowly looks the same.",
    };

    fn title(&self, scope: &Scope) -> String {
        match self.kbit_per_s {
            Some(rate) if !scope.is_general() => {
                format!("The link carries about {rate} kbit/s: checks of {} wait for each other", scope.host())
            }
            _ => format!("The link carries so little that checks of {} wait for each other", scope.host()),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        format!(
            "Nothing is blocked. Give a device time for its first connection to {} (30 s and more), and keep connections open: \
             each new one costs a TLS handshake.",
            scope.host()
        )
    }

    fn is_same(&self, _: &Self) -> bool {
        true
    }

    fn merge(&mut self, other: &Self) {
        self.kbit_per_s = self.kbit_per_s.or(other.kbit_per_s);
    }

    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        if verdict.outcome != AttemptOutcome::Allowed {
            return verdict;
        }
        // What something else stops is slow on that account.
        if verdict.causes.iter().any(|known| known.severity != Severity::Info) {
            return verdict;
        }
        let rate = context.shown::<kind::LinkRate>().filter(|rate| rate.kbit_per_s() < FAST_KBIT_PER_S);
        let cause = Self { kbit_per_s: rate.map(rounded) };
        let occurrence = match (crowd::fared(context), rate) {
            (Crowded::TooSlow { crowd }, None) => {
                let observed = Observed::Alone { port: context.port(), crowd };
                Occurrence::possible(cause, &[Code::Intermittent, Code::ConnectionLimit]).evidence(observed)
            }
            (Crowded::TooSlow { crowd }, Some(rate)) => Occurrence::likely(cause)
                .evidence(Observed::Carried(*rate))
                .evidence(Observed::Alone { port: context.port(), crowd }),
            // One check that waits beside quick ones has lost a packet or two.
            (_, Some(rate)) if context.comparisons.quickest_ms() > LONG_MS => {
                Occurrence::likely(cause).evidence(Observed::Carried(*rate))
            }
            _ => return verdict,
        };
        verdict.with(occurrence)
    }
}

/// No file makes it more than a number.
fn rounded(rate: &LinkRate) -> u32 {
    rate.kbit_per_s().round().clamp(1.0, 1e6) as u32
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    Carried(LinkRate),
    Alone { port: u16, crowd: u32 },
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Carried(LinkRate { bytes, busy_ms }) => {
                write!(f, "{bytes} bytes came on all connections together in {}, without a pause", spoken(*busy_ms))
            }
            Self::Alone { port, crowd } => write!(
                f,
                "port {port} gave no answer in time while {crowd} checks were made at once, and did when it was tried alone"
            ),
        }
    }
}
