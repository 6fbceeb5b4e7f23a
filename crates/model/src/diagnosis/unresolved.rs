//! Why the name did not become an address: what the name servers said to questions of our own, else what the system says.

use std::fmt;

use super::{
    Owner,
    evidence::Statement,
    names::{Answers, Said, ServerAnswer, answered_unchecked, is_of_a_filter, is_of_validation},
    occurrence::Occurrence,
    text::{clipped, listed, spoken},
};
use crate::observation::{Observations, ResolveFailure};

/// A resolver that gave up this late waited for answers that did not come, rather than passing a refusal on.
const WAITED_MS: f64 = 3000.0;

pub(super) enum Why {
    /// The name has addresses, of the family that the user ruled out.
    RuledOut,
    /// A name server says that it keeps the name from us.
    Filtered(Answers),
    /// All name servers that answer say that there is no such name.
    NoSuchName(Answers),
    /// All of them say that it has no address, or that its alias does not exist.
    NoRecord(Answers),
    /// What they say does not fit, and cannot be fetched.
    Truncated(Answers),
    /// All of them fail, on account of the signatures.
    NotValidated(Answers),
    /// All of them fail.
    ServersFail(Answers),
    /// None of them answers.
    Mute(Answers),
    /// The system denies the name, which a name server knows.
    Disagreement(Answers),
    /// What the system's resolver says, which merges causes: nobody else was asked, or they say nothing clear.
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

impl Why {
    /// `None` where there are addresses, or the run was cut short.
    pub(super) fn of(run: &Observations) -> Option<Self> {
        let resolution = &run.resolution;
        let failure = resolution.failure.as_ref()?;
        if *failure == ResolveFailure::NoAddress && !resolution.addresses.is_empty() {
            return Some(Self::RuledOut);
        }
        let is_denied = matches!(failure, ResolveFailure::NameNotFound | ResolveFailure::NoAddress);
        let unchecked = !answered_unchecked(run).is_empty();
        let by_servers = Answers::of(run).and_then(|answers| Self::by_servers(answers, is_denied, unchecked));
        let took_ms = resolution.duration_ms.unwrap_or_default();
        Some(by_servers.unwrap_or_else(|| Self::System(SystemSays::of(failure, took_ms))))
    }

    fn by_servers(answers: Answers, is_denied: bool, unchecked: bool) -> Option<Self> {
        if answers.have_addresses() && is_denied {
            return Some(Self::Disagreement(answers));
        }
        // What the system believes is what those say that it asks itself; those behind a forwarder tell whose fault it is.
        let asked = answers.of_configured();
        if asked.iter().any(|said| !said.addresses().is_empty()) {
            return None;
        }
        let said = |wanted: fn(&ServerAnswer) -> bool| {
            let mut came = asked.iter().filter(|said| said.answer.is_an_answer()).peekable();
            came.peek().is_some() && came.all(|said| wanted(&said.answer))
        };
        let fail = said(|answer| matches!(answer, ServerAnswer::Failure(_)));
        let denied = |answer: &ServerAnswer| matches!(answer, ServerAnswer::NoSuchName | ServerAnswer::NoRecord);
        let validation = asked.iter().flat_map(|said| &said.errors).any(is_of_validation);
        let mute = is_mute(&asked);
        if answers.said().flat_map(|said| &said.errors).any(is_of_a_filter) {
            Some(Self::Filtered(answers))
        } else if asked.iter().any(|said| said.answer == ServerAnswer::Truncated) {
            Some(Self::Truncated(answers))
        } else if (mute || fail) && is_mute(&answers.behind_forwarder()) {
            Some(Self::Mute(answers))
        } else if said(|answer| *answer == ServerAnswer::NoSuchName) && answers.aliases().is_empty() {
            Some(Self::NoSuchName(answers))
        } else if said(denied) && (said(|answer| *answer == ServerAnswer::NoRecord) || !answers.aliases().is_empty()) {
            Some(Self::NoRecord(answers))
        } else if fail && (validation || unchecked) {
            Some(Self::NotValidated(answers))
        } else if fail {
            Some(Self::ServersFail(answers))
        } else {
            mute.then_some(Self::Mute(answers))
        }
    }
}

/// Whether nobody answers, whichever way they are asked.
fn is_mute(asked: &[&Said]) -> bool {
    let silent = |said: &&Said| {
        matches!(said.answer, ServerAnswer::Silence | ServerAnswer::Unreachable(_) | ServerAnswer::Elsewhere(_))
    };
    let nobody_serves = asked.iter().all(|said| matches!(said.answer, ServerAnswer::Unreachable(_)));
    let whichever_way = nobody_serves || asked.iter().all(|said| said.was_asked_in_a_stream());
    !asked.is_empty() && asked.iter().all(silent) && whichever_way
}

/// Whom the name servers' word is to be laid to: what a forwarder on this machine says of its own accord is this machine's.
pub(super) fn owner_of(answers: &Answers, away: Owner) -> Owner {
    let configured = answers.of_configured();
    let only_here = !configured.is_empty() && configured.iter().all(|said| said.server.is_here());
    // Those behind it say the same where they are not better.
    let as_those_behind = !answers.behind_forwarder().is_empty() && !answers.have_addresses();
    if only_here && !as_those_behind { Owner::Operator } else { away }
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
    pub(super) fn said_by(self, answers: &Answers) -> Self {
        answers.said().cloned().fold(self, Self::evidence)
    }
}

/// How long the lookup took, and who was asked.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    took_ms: f64,
    resolvers: Vec<String>,
    unused: Vec<String>,
}

impl Asked {
    pub(super) fn of(run: &Observations) -> Self {
        let resolvers = run.vantage.resolvers.iter().map(|resolver| clipped(resolver)).collect();
        let unused = run.vantage.unused_resolvers.iter().map(|resolver| clipped(resolver)).collect();
        Self { took_ms: run.resolution.duration_ms.unwrap_or_default(), resolvers, unused }
    }
}

impl Statement for Asked {}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it took {}", spoken(self.took_ms))?;
        match self.resolvers.as_slice() {
            [] => Ok(()),
            resolvers => write!(f, "; the name servers asked are {}", listed(resolvers)),
        }?;
        match self.unused.as_slice() {
            [] => Ok(()),
            unused => write!(f, ", and not {}: systems' resolvers ask the first three of a list alone", listed(unused)),
        }
    }
}
