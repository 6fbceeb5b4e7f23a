//! Why the name was not resolved: what the name servers said to our own queries, else what the system says.

use std::fmt;

use super::{
    Owner,
    dns::{Answers, ServerAnswer, ServerResult, is_filtering, is_validation_failure, unvalidated_answers},
    evidence::Statement,
    occurrence::Occurrence,
    text::{clipped, duration_in_sentence, listed},
};
use crate::observation::{Observations, ResolveFailure};

/// A resolver that fails this late waited for answers, rather than passing a refusal on.
const LATE_FAILURE_MS: f64 = 3000.0;

pub(super) enum UnresolvedReason {
    /// The name has only addresses of the family that the user excluded.
    FamilyExcluded,
    /// A name server says that it filters the name.
    Filtered(Answers),
    /// All name servers that answer say that the name does not exist.
    NoSuchName(Answers),
    /// All of them say that it has no address, or that its alias does not exist.
    NoRecord(Answers),
    /// The answer does not fit into a datagram, and TCP brings none.
    Truncated(Answers),
    /// All of them fail, because of DNSSEC validation.
    NotValidated(Answers),
    /// All of them fail.
    ServersFail(Answers),
    /// None of them answers.
    NoneAnswers(Answers),
    /// The system denies a name that a name server knows.
    Disagreement(Answers),
    /// What the system's resolver says, which merges causes: no server was queried, or their answers are unclear.
    System(SystemFailure),
}

pub(super) enum SystemFailure {
    NoSuchName,
    NoAddress,
    Failure,
    /// A temporary failure, at once.
    TryAgainSoon,
    /// A temporary failure, after a wait.
    TryAgainLate,
    NoAnswer,
    /// In words of its own, which the report's observations keep.
    Other,
}

impl UnresolvedReason {
    /// `None` if there are addresses, or the run was cut short.
    pub(super) fn of(run: &Observations) -> Option<Self> {
        let resolution = &run.resolution;
        let failure = resolution.failure.as_ref()?;
        if *failure == ResolveFailure::NoAddress && !resolution.addresses.is_empty() {
            return Some(Self::FamilyExcluded);
        }
        let is_denied = matches!(failure, ResolveFailure::NameNotFound | ResolveFailure::NoAddress);
        let has_unvalidated = !unvalidated_answers(run).is_empty();
        let by_servers = Answers::of(run).and_then(|answers| Self::by_servers(answers, is_denied, has_unvalidated));
        let took_ms = resolution.duration_ms.unwrap_or_default();
        Some(by_servers.unwrap_or_else(|| Self::System(SystemFailure::of(failure, took_ms))))
    }

    fn by_servers(answers: Answers, is_denied: bool, has_unvalidated: bool) -> Option<Self> {
        if answers.have_addresses() && is_denied {
            return Some(Self::Disagreement(answers));
        }
        // The system believes the servers that it queries itself; those behind a forwarder show who is at fault.
        let configured = answers.of_configured();
        if configured.iter().any(|result| !result.addresses().is_empty()) {
            return None;
        }
        let result = |wanted: fn(&ServerAnswer) -> bool| {
            let mut answered = configured.iter().filter(|result| result.answer.is_an_answer()).peekable();
            answered.peek().is_some() && answered.all(|result| wanted(&result.answer))
        };
        let fail = result(|answer| matches!(answer, ServerAnswer::Failure(_)));
        let denied = |answer: &ServerAnswer| matches!(answer, ServerAnswer::NoSuchName | ServerAnswer::NoRecord);
        let validation = configured.iter().flat_map(|result| &result.errors).any(is_validation_failure);
        let none_answers = no_server_answers(&configured);
        if answers.results().flat_map(|result| &result.errors).any(is_filtering) {
            Some(Self::Filtered(answers))
        } else if configured.iter().any(|result| result.answer == ServerAnswer::Truncated) {
            Some(Self::Truncated(answers))
        } else if (none_answers || fail) && no_server_answers(&answers.behind_forwarder()) {
            Some(Self::NoneAnswers(answers))
        } else if result(|answer| *answer == ServerAnswer::NoSuchName) && answers.aliases().is_empty() {
            Some(Self::NoSuchName(answers))
        } else if result(denied)
            && (result(|answer| *answer == ServerAnswer::NoRecord) || !answers.aliases().is_empty())
        {
            Some(Self::NoRecord(answers))
        } else if fail && (validation || has_unvalidated) {
            Some(Self::NotValidated(answers))
        } else if fail {
            Some(Self::ServersFail(answers))
        } else {
            none_answers.then_some(Self::NoneAnswers(answers))
        }
    }
}

/// Whether no server answers, over UDP or TCP.
fn no_server_answers(configured: &[&ServerResult]) -> bool {
    let silent = |result: &&ServerResult| {
        matches!(result.answer, ServerAnswer::Silence | ServerAnswer::Unreachable(_) | ServerAnswer::Elsewhere(_))
    };
    let all_unreachable = configured.iter().all(|result| matches!(result.answer, ServerAnswer::Unreachable(_)));
    let over_both_transports = all_unreachable || configured.iter().all(|result| result.was_asked_over_tcp());
    !configured.is_empty() && configured.iter().all(silent) && over_both_transports
}

/// The owner of the name servers' answers. What a forwarder on this machine says by itself is this machine's.
pub(super) fn owner_of_answers(answers: &Answers, default: Owner) -> Owner {
    let configured = answers.of_configured();
    let only_here = !configured.is_empty() && configured.iter().all(|result| result.server.is_local_forwarder());
    // The servers behind it say the same, unless they have addresses.
    let as_those_behind = !answers.behind_forwarder().is_empty() && !answers.have_addresses();
    if only_here && !as_those_behind { Owner::Operator } else { default }
}

impl SystemFailure {
    fn of(failure: &ResolveFailure, took_ms: f64) -> Self {
        match failure {
            ResolveFailure::NameNotFound => Self::NoSuchName,
            ResolveFailure::NoAddress => Self::NoAddress,
            ResolveFailure::ServerFailure => Self::Failure,
            ResolveFailure::TryAgain if took_ms < LATE_FAILURE_MS => Self::TryAgainSoon,
            ResolveFailure::TryAgain => Self::TryAgainLate,
            ResolveFailure::TimedOut => Self::NoAnswer,
            ResolveFailure::Other { .. } => Self::Other,
        }
    }
}

impl Occurrence {
    /// Adds the answers of all servers as evidence.
    pub(super) fn with_answers(self, answers: &Answers) -> Self {
        answers.results().cloned().fold(self, Self::evidence)
    }
}

/// How long the lookup took, and which servers were asked.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LookupSummary {
    took_ms: f64,
    resolvers: Vec<String>,
    unused: Vec<String>,
}

impl LookupSummary {
    pub(super) fn of(run: &Observations) -> Self {
        let resolvers = run.vantage.resolvers.iter().map(|resolver| clipped(resolver)).collect();
        let unused = run.vantage.unused_resolvers.iter().map(|resolver| clipped(resolver)).collect();
        Self { took_ms: run.resolution.duration_ms.unwrap_or_default(), resolvers, unused }
    }
}

impl Statement for LookupSummary {}

impl fmt::Display for LookupSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it took {}", duration_in_sentence(self.took_ms))?;
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
