//! Connections at once are refused, one after another they are let in.

use std::fmt;

use serde::Serialize;

use super::CauseKind;
use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        crowd::{self, Crowded},
        evidence::Statement,
        nat,
        occurrence::Occurrence,
        scope::Scope,
        verdict::{AttemptVerdict, Reach},
    },
    observation::{Stage, kind},
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
        word: "connection-limit",
        stage: Stage::Connect,
        severity: Severity::Warning,
        owner: Owner::FirewallOwner,
        forgery: Forgery::AnyoneOnPath,
        explanation: "Something counts the connections that one machine has open, or opens in a second, and stops those beyond a \
            number. This program opens several at once; a device has one or two, and each works alone. Firewalls, routers and \
            hubs that guard against floods do this.",
        proof: "What failed beside other connections works alone, and in two rounds of connections begun at once the same number \
            is taken and none behind it, while one after another all are: then it is `likely`, for who counts does not show. \
            With less it is `possible`: so it is where a port that works is refused as well soon afterwards. What was refused then \
            is `unknown`.",
    };

    fn title(&self, scope: &Scope) -> String {
        match self.begins_at {
            Some(begins_at) if !scope.is_general() => {
                let taken = begins_at.saturating_sub(1);
                format!("Of several connections at once to {}, no more than {taken} are let in", scope.host())
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
        if verdict.reach == Reach::Unknown && crowd::is_refused_like_what_works(context) {
            let occurrence = Occurrence::possible(
                Self { begins_at: None, translated: nat::is_translated(context) },
                &[Code::Intermittent],
            );
            return verdict.with(occurrence.evidence(Seen::RefusesWhatWorks { port: context.port() }));
        }
        if verdict.reach != Reach::Allowed {
            return verdict;
        }
        let crowd = context.shown::<kind::Crowd>().filter(|crowd| crowd.works_in_turn());
        let limit = crowd.and_then(|crowd| Some((crowd.limit()?, crowd)));
        let occurrence = match (crowd::fared(context), limit) {
            (Crowded::No | Crowded::TooSlow { .. }, _) | (Crowded::Delayed, None) => return verdict,
            (Crowded::Stopped { .. } | Crowded::Delayed, Some((taken, crowd))) => {
                let (rounds, of) = (crowd.together.len(), crowd.ports.len());
                Occurrence::likely(Self {
                    begins_at: Some(taken.saturating_add(1)),
                    translated: nat::is_translated(context),
                })
                .evidence(Seen::Rounds { rounds, taken, of })
            }
            // One of several machines looks the same while it is not found out.
            (Crowded::Stopped { .. }, None)
                if crowd::some_tries_fail(context) && !crowd::refuses_what_works(context) =>
            {
                return verdict;
            }
            (Crowded::Stopped { .. }, None) => Occurrence::possible(
                Self { begins_at: None, translated: nat::is_translated(context) },
                &[Code::Intermittent],
            ),
        };
        let occurrence = match crowd::fared(context) {
            Crowded::Stopped { crowd } => occurrence.evidence(Seen::Alone { port: context.port(), crowd }),
            _ => occurrence.evidence(Seen::Late { port: context.port() }),
        };
        verdict.with(occurrence)
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Seen {
    Alone { port: u16, crowd: u32 },
    Late { port: u16 },
    RefusesWhatWorks { port: u16 },
    Rounds { rounds: usize, taken: usize, of: usize },
}

impl Statement for Seen {}

impl fmt::Display for Seen {
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
            Self::Rounds { rounds, taken, of } => write!(
                f,
                "in each of {rounds} rounds of {of} connections at once the first {taken} were taken and the others not; one \
                 after another all were"
            ),
        }
    }
}
