//! What one attempt comes to.

use super::{occurrence::Occurrence, text::clipped};

/// How far the hub's answer got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
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
    pub(super) reach: Reach,
    /// A few words for the line of the check.
    pub(super) summary: String,
    pub(super) causes: Vec<Occurrence>,
}

impl AttemptVerdict {
    pub(super) fn allowed(summary: impl AsRef<str>) -> Self {
        Self::new(Reach::Allowed, summary.as_ref(), None)
    }

    pub(super) fn blocked(summary: impl AsRef<str>, cause: Occurrence) -> Self {
        Self::new(Reach::Blocked, summary.as_ref(), Some(cause))
    }

    pub(super) fn declined(summary: impl AsRef<str>, cause: Occurrence) -> Self {
        Self::new(Reach::Declined, summary.as_ref(), Some(cause))
    }

    pub(super) fn no_route(summary: impl AsRef<str>, cause: Occurrence) -> Self {
        Self::new(Reach::NoRoute, summary.as_ref(), Some(cause))
    }

    pub(super) fn unknown(summary: impl AsRef<str>) -> Self {
        Self::new(Reach::Unknown, summary.as_ref(), None)
    }

    pub(super) fn with(mut self, cause: Occurrence) -> Self {
        self.causes.push(cause);
        self
    }

    /// Every cause, as `say` puts it.
    pub(super) fn explained(self, say: impl Fn(Occurrence) -> Occurrence) -> Self {
        Self { causes: self.causes.into_iter().map(say).collect(), ..self }
    }

    fn new(reach: Reach, summary: &str, cause: Option<Occurrence>) -> Self {
        Self { reach, summary: clipped(summary), causes: cause.into_iter().collect() }
    }
}
