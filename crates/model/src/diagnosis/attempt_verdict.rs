//! The verdict of one attempt.

use super::{Severity, occurrence::Occurrence, text::clipped};
use crate::observation::Stage;

/// How far the hub's answer got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AttemptOutcome {
    /// The hub answered, as far as the depth asks.
    Allowed,
    /// No answer of the hub that this device accepts got through.
    Blocked,
    /// The verified hub answered, but not with this protocol.
    Declined,
    /// It was cut short, or this machine lacked a resource.
    Unknown,
    /// This machine cannot send to this address family. The attempt does not count if others exist.
    NoRoute,
}

/// The verdict of one attempt.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AttemptVerdict {
    pub(super) outcome: AttemptOutcome,
    /// A few words for the check's line.
    pub(super) summary: String,
    pub(super) causes: Vec<Occurrence>,
}

impl AttemptVerdict {
    pub(super) fn allowed(summary: impl AsRef<str>) -> Self {
        Self::new(AttemptOutcome::Allowed, summary.as_ref(), None)
    }

    pub(super) fn blocked(summary: impl AsRef<str>, cause: Occurrence) -> Self {
        Self::new(AttemptOutcome::Blocked, summary.as_ref(), Some(cause))
    }

    pub(super) fn declined(summary: impl AsRef<str>, cause: Occurrence) -> Self {
        Self::new(AttemptOutcome::Declined, summary.as_ref(), Some(cause))
    }

    pub(super) fn no_route(summary: impl AsRef<str>, cause: Occurrence) -> Self {
        Self::new(AttemptOutcome::NoRoute, summary.as_ref(), Some(cause))
    }

    pub(super) fn unknown(summary: impl AsRef<str>) -> Self {
        Self::new(AttemptOutcome::Unknown, summary.as_ref(), None)
    }

    pub(super) fn with(mut self, cause: Occurrence) -> Self {
        self.causes.push(cause);
        self
    }

    /// Applies `f` to every cause.
    pub(super) fn map_causes(self, f: impl Fn(Occurrence) -> Occurrence) -> Self {
        Self { causes: self.causes.into_iter().map(f).collect(), ..self }
    }

    /// The name led to an address that is not the hub's. Everything else at that address is a symptom, with the same
    /// owner.
    pub(super) fn misdirected_by(self, root: Occurrence, summary: impl AsRef<str>) -> Self {
        let (code, owner) = (root.code(), root.owner);
        let symptoms = self.causes.into_iter().map(|cause| match cause.symptom_of {
            _ if cause.severity == Severity::Info => cause,
            Some(_) => cause.owner(owner).at_most_likely(),
            None => cause.symptom_of(code).owner(owner).at_most_likely(),
        });
        let causes = std::iter::once(root).chain(symptoms).collect();
        Self { outcome: self.outcome, summary: clipped(summary.as_ref()), causes }
    }

    /// Whether another cause already said so.
    pub(super) fn is_misdirected(&self) -> bool {
        self.causes.iter().any(|cause| cause.severity == Severity::Error && cause.stage == Stage::Resolve)
    }

    /// Whether something other than the hub seems to answer.
    pub(super) fn meets_stranger(&self) -> bool {
        self.causes.iter().any(Occurrence::implies_stranger)
    }

    fn new(outcome: AttemptOutcome, summary: &str, cause: Option<Occurrence>) -> Self {
        Self { outcome, summary: clipped(summary), causes: cause.into_iter().collect() }
    }
}
