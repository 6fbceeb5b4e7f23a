//! Concurrent connections are refused; one after another they are accepted.

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
        nat,
        occurrence::Occurrence,
        scope::Scope,
    },
    observation::{Crowd, Stage, kind},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct ConnectionLimit {
    /// The connection, counted from 1, at which the limit begins; `None` if the rounds showed no number.
    #[serde(skip_serializing_if = "Option::is_none")]
    begins_at: Option<usize>,
    /// Addresses are translated on the path.
    #[serde(skip)]
    translated: bool,
}

impl CauseKind for ConnectionLimit {
    const ENTRY: Entry = Entry {
        stage: Stage::Connect,
        severity: Severity::Warning,
        owner: Owner::FirewallOwner,
        forgery: Forgery::AnyoneOnPath,
        explanation: "Something counts the connections that one machine has open, or opens in a second, and stops those beyond a \
            number. This program opens several at once; a device has one or two, and each works alone. Firewalls, routers and \
            hubs that guard against floods do this.",
        proof: "What failed beside other connections works alone, and in two rounds of connections begun at once the same number \
            is taken and none behind it, while one after another all are: then it is `likely`, for who counts does not show. So \
            it is where now more and now fewer are taken, and those a second apart are. With less it is `possible`: so it is \
            where a port that works is refused as well soon afterwards, and where one that took another connection is silent, \
            while others are let in after SYNs that were not. What was refused then, or silent, is `unknown`.",
    };

    fn title(&self, scope: &Scope) -> String {
        match self.begins_at {
            Some(begins_at) if !scope.is_general() => {
                let are_let_in = match begins_at.saturating_sub(1) {
                    1 => "only one is let in".to_owned(),
                    taken => format!("no more than {taken} are let in"),
                };
                format!("Of several connections at once to {}, {are_let_in}", scope.host())
            }
            _ => format!("Several connections at once to {} are not all let in", scope.host()),
        }
    }

    fn fix(&self, _: &Scope) -> String {
        let nat = match self.translated {
            true => {
                " Addresses are translated (NAT) on the way from here: the limit may be that of its table, or of the ports that a \
                 provider gives to each customer; whoever runs it can widen them."
            }
            false => "",
        };
        format!("Where many devices share one address, raise the limit of connections for each source.{nat}")
    }

    fn first_step(&self, _: &Scope) -> Option<String> {
        Some("Nothing to do for a device with one connection.".to_owned())
    }

    fn is_same(&self, _: &Self) -> bool {
        true
    }

    fn merge(&mut self, other: &Self) {
        self.begins_at = self.begins_at.or(other.begins_at);
        self.translated |= other.translated;
    }

    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        let occurrence = match verdict.outcome {
            AttemptOutcome::Unknown => Self::of_unknown(context),
            AttemptOutcome::Allowed => Self::of_allowed(context),
            AttemptOutcome::Blocked | AttemptOutcome::Declined | AttemptOutcome::NoRoute => None,
        };
        match occurrence {
            Some(occurrence) => verdict.with(occurrence),
            None => verdict,
        }
    }
}

impl ConnectionLimit {
    fn of(context: AttemptContext<'_>, begins_at: Option<usize>) -> Self {
        Self { begins_at, translated: nat::is_translated(context) }
    }

    /// The limit that keeps an attempt without a verdict.
    fn of_unknown(context: AttemptContext<'_>) -> Option<Occurrence> {
        let port = context.port();
        if concurrency::hits_connection_limit(context) {
            return Self::from_rounds(context, context.first_result::<kind::Crowd>()?);
        }
        if concurrency::may_be_rate_limited(context) {
            let observed = Observed::ConnectedLater { port, port_connected: concurrency::port_also_connected(context) };
            let occurrence = Occurrence::possible(Self::of(context, None), &[Code::Intermittent, Code::SilentDrop]);
            return Some(occurrence.evidence(observed));
        }
        let is_in_order = !context.comparisons.concurrency_signs(context.address()).failed_before_later_success;
        (is_in_order && concurrency::is_refused_like_working_port(context)).then(|| {
            let occurrence = Occurrence::possible(Self::of(context, None), &[Code::Intermittent]);
            occurrence.evidence(Observed::WorkingPortRefused { port })
        })
    }

    /// The limit that delayed or stopped a check which works alone.
    fn of_allowed(context: AttemptContext<'_>) -> Option<Occurrence> {
        let rounds = context.comparisons.limit_shown(context.address());
        let limit = rounds.and_then(|rounds| Self::from_rounds(context, rounds));
        let is_steady = rounds.is_some_and(|rounds| rounds.limit().is_some());
        let effect = concurrency::effect(context);
        let occurrence = match (effect, limit) {
            (ConcurrencyEffect::None | ConcurrencyEffect::TooSlow { .. }, _) | (ConcurrencyEffect::Delayed, None) => {
                None
            }
            // If SYNs are lost by chance, some are also late.
            (ConcurrencyEffect::Delayed, Some(_)) if !is_steady => None,
            (ConcurrencyEffect::Stopped { .. } | ConcurrencyEffect::Delayed, Some(occurrence)) => Some(occurrence),
            // One of several machines that is dead looks the same until more is known.
            (ConcurrencyEffect::Stopped { .. }, None)
                if concurrency::fails_regardless_of_order(context)
                    || (concurrency::some_tries_fail(context) && !concurrency::refuses_working_port(context)) =>
            {
                None
            }
            (ConcurrencyEffect::Stopped { .. }, None) => {
                Some(Occurrence::possible(Self::of(context, None), &[Code::Intermittent]))
            }
        }?;
        let port = context.port();
        Some(match effect {
            ConcurrencyEffect::Stopped { checks } => occurrence.evidence(Observed::Alone { port, checks }),
            _ => occurrence.evidence(Observed::Late { port }),
        })
    }

    /// What rounds of concurrent connections show, if all connect one after another.
    fn from_rounds(context: AttemptContext<'_>, crowd: &Crowd) -> Option<Occurrence> {
        let (rounds, of) = (crowd.together.len(), crowd.ports.len());
        let by = |begins_at| Occurrence::likely(Self::of(context, begins_at));
        match crowd.limit() {
            _ if !crowd.works_in_turn() => None,
            Some(taken) => Some(by(Some(taken.saturating_add(1))).evidence(Observed::Rounds { rounds, taken, of })),
            None => crowd.takes_the_first_alone().then(|| by(None).evidence(Observed::VaryingRounds { rounds, of })),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    Alone { port: u16, checks: u32 },
    Late { port: u16 },
    WorkingPortRefused { port: u16 },
    Rounds { rounds: usize, taken: usize, of: usize },
    VaryingRounds { rounds: usize, of: usize },
    ConnectedLater { port: u16, port_connected: bool },
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alone { port, checks } => {
                write!(
                    f,
                    "port {port} failed while {checks} checks were made at once, and worked when it was tried alone"
                )
            }
            Self::Late { port } => {
                write!(f, "the first SYN to port {port} was not answered while others were, and a later one was")
            }
            Self::WorkingPortRefused { port } => write!(
                f,
                "port {port} was refused, and right afterwards so was a port of the same address that took a connection before"
            ),
            Self::VaryingRounds { rounds, of } => write!(
                f,
                "in each of {rounds} rounds of {of} connections at once the first were taken and none behind them, now more and \
                 now fewer; one after another, a second apart, all were"
            ),
            Self::ConnectedLater { port, port_connected } => {
                match port_connected {
                    true => write!(f, "port {port} took another connection")?,
                    false => write!(f, "port {port} was silent beside others, of which some were let in alone")?,
                }
                write!(
                    f,
                    "; one was answered after SYNs of its own that were not, as where something counts by the second"
                )
            }
            Self::Rounds { rounds, taken, of } => {
                let first = if *taken == 1 { "the first was".to_owned() } else { format!("the first {taken} were") };
                write!(
                    f,
                    "in each of {rounds} rounds of {of} connections at once {first} taken and the others not; one after another \
                     all were"
                )
            }
        }
    }
}
