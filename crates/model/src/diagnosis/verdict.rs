//! What one attempt comes to.

use super::{Severity, occurrence::Occurrence, text::clipped};
use crate::observation::Stage;

/// How far the hub's answer got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AttemptOutcome {
    /// The hub answered, as far as the depth asks.
    Allowed,
    /// No answer of the hub that this device can accept got through.
    Blocked,
    /// The verified hub answered, but not with this protocol.
    Declined,
    /// Cut short, or this machine lacked something.
    Unknown,
    /// This machine cannot send to the address's family: no attempt at all where others exist.
    NoRoute,
}

/// The verdict of one attempt.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AttemptVerdict {
    pub(super) outcome: AttemptOutcome,
    /// A few words for the line of the check.
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

    /// Every cause, as `say` puts it.
    pub(super) fn explained(self, say: impl Fn(Occurrence) -> Occurrence) -> Self {
        Self { causes: self.causes.into_iter().map(say).collect(), ..self }
    }

    /// The name led to somewhere that is not the hub: what is seen there follows from that, and is nobody else's.
    pub(super) fn led_astray(self, root: Occurrence, summary: impl AsRef<str>) -> Self {
        let (code, owner) = (root.code(), root.owner);
        let symptoms = self.causes.into_iter().map(|cause| match cause.follows {
            _ if cause.severity == Severity::Info => cause,
            Some(_) => cause.owner(owner).no_more_than_likely(),
            None => cause.following(code).owner(owner).no_more_than_likely(),
        });
        let causes = std::iter::once(root).chain(symptoms).collect();
        Self { outcome: self.outcome, summary: clipped(summary.as_ref()), causes }
    }

    /// Whether that is said of it already.
    pub(super) fn is_led_astray(&self) -> bool {
        self.causes.iter().any(|cause| cause.severity == Severity::Error && cause.stage == Stage::Resolve)
    }

    /// Whether something else than the hub seems to answer.
    pub(super) fn shows_a_stranger(&self) -> bool {
        self.causes.iter().any(Occurrence::is_of_a_stranger)
    }

    fn new(outcome: AttemptOutcome, summary: &str, cause: Option<Occurrence>) -> Self {
        Self { outcome, summary: clipped(summary), causes: cause.into_iter().collect() }
    }
}
