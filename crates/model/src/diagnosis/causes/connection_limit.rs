//! Connections at once are refused, one after another they are let in.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        cause_kind::CauseKind,
        crowd::{self, Crowded},
        evidence::Statement,
        nat,
        occurrence::Occurrence,
        scope::Scope,
        verdict::{AttemptOutcome, AttemptVerdict},
    },
    observation::{Crowd, Stage, kind},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct ConnectionLimit {
    /// The connection, counted from 1, at which it begins; `None` where rounds at once showed no number.
    #[serde(skip_serializing_if = "Option::is_none")]
    begins_at: Option<usize>,
    /// Addresses are translated on the way.
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
        if verdict.outcome == AttemptOutcome::Unknown && crowd::is_counted(context) {
            let shown = context.shown::<kind::Crowd>();
            return match shown.and_then(|crowd| Self::by_rounds(context, crowd)) {
                Some(occurrence) => verdict.with(occurrence),
                None => verdict,
            };
        }
        if verdict.outcome == AttemptOutcome::Unknown && crowd::waits_its_turn(context) {
            let observed = Observed::LetInLater { port: context.port(), is_taken: crowd::is_contradicted(context) };
            let occurrence = Occurrence::possible(Self::of(context, None), &[Code::Intermittent, Code::SilentDrop]);
            return verdict.with(occurrence.evidence(observed));
        }
        let is_in_turn = !context.comparisons.strain(context.address()).before_one_taken;
        if verdict.outcome == AttemptOutcome::Unknown && crowd::is_refused_like_what_works(context) && is_in_turn {
            let occurrence = Occurrence::possible(Self::of(context, None), &[Code::Intermittent]);
            return verdict.with(occurrence.evidence(Observed::RefusesWhatWorks { port: context.port() }));
        }
        if verdict.outcome != AttemptOutcome::Allowed {
            return verdict;
        }
        let crowd = context.comparisons.borne_out(context.address());
        let limit = crowd.and_then(|crowd| Self::by_rounds(context, crowd));
        let is_steady = crowd.is_some_and(|crowd| crowd.limit().is_some());
        let occurrence = match (crowd::fared(context), limit) {
            (Crowded::No | Crowded::TooSlow { .. }, _) | (Crowded::Delayed, None) => return verdict,
            // Where SYNs are lost by chance, some are late as well.
            (Crowded::Delayed, Some(_)) if !is_steady => return verdict,
            (Crowded::Stopped { .. } | Crowded::Delayed, Some(occurrence)) => occurrence,
            // One of several machines looks the same while it is not found out.
            (Crowded::Stopped { .. }, None)
                if crowd::is_stopped_whatever_its_turn(context)
                    || (crowd::some_tries_fail(context) && !crowd::refuses_what_works(context)) =>
            {
                return verdict;
            }
            (Crowded::Stopped { .. }, None) => Occurrence::possible(Self::of(context, None), &[Code::Intermittent]),
        };
        let occurrence = match crowd::fared(context) {
            Crowded::Stopped { crowd } => occurrence.evidence(Observed::Alone { port: context.port(), crowd }),
            _ => occurrence.evidence(Observed::Late { port: context.port() }),
        };
        verdict.with(occurrence)
    }
}

impl ConnectionLimit {
    fn of(context: AttemptContext<'_>, begins_at: Option<usize>) -> Self {
        Self { begins_at, translated: nat::is_translated(context) }
    }

    /// What rounds of connections at once show, where one after another they are let in.
    fn by_rounds(context: AttemptContext<'_>, crowd: &Crowd) -> Option<Occurrence> {
        let (rounds, of) = (crowd.together.len(), crowd.ports.len());
        let by = |begins_at| Occurrence::likely(Self::of(context, begins_at));
        match crowd.limit() {
            _ if !crowd.works_in_turn() => None,
            Some(taken) => Some(by(Some(taken.saturating_add(1))).evidence(Observed::Rounds { rounds, taken, of })),
            None => crowd.takes_the_first_alone().then(|| by(None).evidence(Observed::BySeconds { rounds, of })),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    Alone { port: u16, crowd: u32 },
    Late { port: u16 },
    RefusesWhatWorks { port: u16 },
    Rounds { rounds: usize, taken: usize, of: usize },
    BySeconds { rounds: usize, of: usize },
    LetInLater { port: u16, is_taken: bool },
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alone { port, crowd } => {
                write!(
                    f,
                    "port {port} failed while {crowd} checks were made at once, and worked when it was tried alone"
                )
            }
            Self::Late { port } => {
                write!(f, "the first SYN to port {port} was not answered while others were, and a later one was")
            }
            Self::RefusesWhatWorks { port } => write!(
                f,
                "port {port} was refused, and right afterwards so was a port of the same address that took a connection before"
            ),
            Self::BySeconds { rounds, of } => write!(
                f,
                "in each of {rounds} rounds of {of} connections at once the first were taken and none behind them, now more and \
                 now fewer; one after another, a second apart, all were"
            ),
            Self::LetInLater { port, is_taken } => {
                match is_taken {
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
