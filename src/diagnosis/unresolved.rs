//! Why the name did not become an address: what the name servers said to questions of our own, else what the system says.

use std::fmt;

use super::{
    dns_answers::{Answers, ServerAnswer},
    evidence::Statement,
    occurrence::Occurrence,
    text::{clipped, listed, spoken},
};
use crate::observation::{Observations, ResolveFailure};

/// A resolver that gave up this late waited for answers that did not come, rather than passing a refusal on.
const WAITED_MS: f64 = 3000.0;

pub(super) enum Why<'a> {
    /// The name has addresses, of the family that the user ruled out.
    RuledOut,
    /// All name servers that answer say that there is no such name.
    NoSuchName(Answers<'a>),
    /// All of them say that it has no address.
    NoRecord(Answers<'a>),
    /// All of them fail.
    ServersFail(Answers<'a>),
    /// None of them answers.
    Mute(Answers<'a>),
    /// They disagree, know addresses, or were not asked: what the system's resolver says, which merges causes.
    System(SystemSays),
}

pub(super) enum SystemSays {
    NoSuchName,
    NoAddress,
    Failure,
    /// A temporary failure, at once.
    TryAgainSoon,
    /// A temporary failure, after it had waited.
    TryAgainLate,
    NoAnswer,
    /// In words of its own, which the report's observations hold.
    Other,
}

impl<'a> Why<'a> {
    /// `None` where there are addresses, or the run was cut short.
    pub(super) fn of(run: &'a Observations) -> Option<Self> {
        let resolution = &run.resolution;
        let failure = resolution.failure.as_ref()?;
        if *failure == ResolveFailure::NoAddress && !resolution.addresses.is_empty() {
            return Some(Self::RuledOut);
        }
        let by_servers = Answers::of(run).and_then(Self::by_servers);
        let took_ms = resolution.duration_ms.unwrap_or_default();
        Some(by_servers.unwrap_or_else(|| Self::System(SystemSays::of(failure, took_ms))))
    }

    fn by_servers(answers: Answers<'a>) -> Option<Self> {
        if answers.have_addresses() {
            return None;
        }
        if answers.all_say(|answer| *answer == ServerAnswer::NoSuchName) {
            return Some(Self::NoSuchName(answers));
        }
        if answers.all_say(|answer| *answer == ServerAnswer::NoRecord) {
            return Some(Self::NoRecord(answers));
        }
        if answers.all_say(|answer| matches!(answer, ServerAnswer::Failure(_))) {
            return Some(Self::ServersFail(answers));
        }
        let silent = answers.words().all(|word| matches!(word, ServerAnswer::Silence | ServerAnswer::Unreachable));
        let nobody_serves = answers.words().all(|word| *word == ServerAnswer::Unreachable);
        (silent && answers.both_transports() || nobody_serves).then_some(Self::Mute(answers))
    }
}

impl SystemSays {
    fn of(failure: &ResolveFailure, took_ms: f64) -> Self {
        match failure {
            ResolveFailure::NameNotFound => Self::NoSuchName,
            ResolveFailure::NoAddress => Self::NoAddress,
            ResolveFailure::ServerFailure => Self::Failure,
            ResolveFailure::TryAgain if took_ms < WAITED_MS => Self::TryAgainSoon,
            ResolveFailure::TryAgain => Self::TryAgainLate,
            ResolveFailure::TimedOut => Self::NoAnswer,
            ResolveFailure::Other { .. } => Self::Other,
        }
    }
}

impl Occurrence {
    /// What every server said.
    pub(super) fn said_by(self, answers: &Answers<'_>) -> Self {
        answers.said().into_iter().fold(self, Self::evidence)
    }
}

/// How long the lookup took, and who was asked.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    took_ms: f64,
    resolvers: Vec<String>,
}

impl Asked {
    pub(super) fn of(run: &Observations) -> Self {
        let resolvers = run.vantage.resolvers.iter().map(|resolver| clipped(resolver)).collect();
        Self { took_ms: run.resolution.duration_ms.unwrap_or_default(), resolvers }
    }
}

impl Statement for Asked {}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it took {}", spoken(self.took_ms))?;
        match self.resolvers.as_slice() {
            [] => Ok(()),
            resolvers => write!(f, "; the name servers asked are {}", listed(resolvers)),
        }
    }
}
