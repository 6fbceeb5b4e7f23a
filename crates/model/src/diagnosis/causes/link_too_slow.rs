//! The link carries so little that concurrent checks wait for each other.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_verdict::{AttemptOutcome, AttemptVerdict},
        cause_kind::CauseKind,
        concurrency::{self, ConcurrencyEffect},
        evidence::Statement,
        occurrence::Occurrence,
        scope::Scope,
        text::duration_in_sentence,
    },
    observation::{LinkRate, Stage, kind},
};

/// A check that takes longer on a busy link waits for the others.
const CONGESTED_CHECK_MS: f64 = 2500.0;
/// A link that carries more is not slow, whatever the delay.
const FAST_KBIT_PER_S: f64 = 256.0;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct LinkTooSlow {
    /// What the link carried; `None` if it was not measured.
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
        // If something else stops it, that also explains the delay.
        if verdict.causes.iter().any(|known| known.severity != Severity::Info) {
            return verdict;
        }
        let rate = context.first_result::<kind::LinkRate>().filter(|rate| rate.kbit_per_s() < FAST_KBIT_PER_S);
        let cause = Self { kbit_per_s: rate.map(whole_kbit_per_s) };
        let occurrence = match (concurrency::effect(context), rate) {
            (ConcurrencyEffect::TooSlow { checks }, None) => {
                let observed = Observed::Alone { port: context.port(), checks };
                Occurrence::possible(cause, &[Code::Intermittent, Code::ConnectionLimit]).evidence(observed)
            }
            (ConcurrencyEffect::TooSlow { checks }, Some(rate)) => Occurrence::likely(cause)
                .evidence(Observed::Measured(*rate))
                .evidence(Observed::Alone { port: context.port(), checks }),
            // One slow check among quick ones has lost a packet or two.
            (_, Some(rate)) if context.comparisons.quickest_ms() > CONGESTED_CHECK_MS => {
                Occurrence::likely(cause).evidence(Observed::Measured(*rate))
            }
            _ => return verdict,
        };
        verdict.with(occurrence)
    }
}

/// Bounded, whatever a file contains.
fn whole_kbit_per_s(rate: &LinkRate) -> u32 {
    rate.kbit_per_s().round().clamp(1.0, 1e6) as u32
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    Measured(LinkRate),
    Alone { port: u16, checks: u32 },
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Measured(LinkRate { bytes, busy_ms }) => {
                write!(
                    f,
                    "{bytes} bytes came on all connections together in {}, without a pause",
                    duration_in_sentence(*busy_ms)
                )
            }
            Self::Alone { port, checks } => write!(
                f,
                "port {port} gave no answer in time while {checks} checks were made at once, and did when it was tried alone"
            ),
        }
    }
}
