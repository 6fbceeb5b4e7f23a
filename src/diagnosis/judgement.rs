//! What one attempt comes to.

use super::cause::Cause;

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

/// The judgement of one attempt.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Judgement {
    pub(super) reach: Reach,
    /// A few words for the line of the check.
    pub(super) summary: String,
    pub(super) causes: Vec<Cause>,
}

impl Judgement {
    pub(super) fn allowed(summary: impl Into<String>) -> Self {
        Self { reach: Reach::Allowed, summary: summary.into(), causes: Vec::new() }
    }

    pub(super) fn blocked(summary: impl Into<String>, cause: Cause) -> Self {
        Self { reach: Reach::Blocked, summary: summary.into(), causes: vec![cause] }
    }

    pub(super) fn declined(summary: impl Into<String>, cause: Cause) -> Self {
        Self { reach: Reach::Declined, summary: summary.into(), causes: vec![cause] }
    }

    pub(super) fn unknown(summary: impl Into<String>) -> Self {
        Self { reach: Reach::Unknown, summary: summary.into(), causes: Vec::new() }
    }

    pub(super) fn with(mut self, cause: Cause) -> Self {
        self.causes.push(cause);
        self
    }
}
