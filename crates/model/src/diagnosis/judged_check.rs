//! The verdict of one check, and why.

use super::{Verdict, occurrence::Occurrence, text::clipped};

/// The verdict of one check.
pub(super) struct JudgedCheck {
    pub(super) verdict: Verdict,
    /// Whether the hub is to offer this at all, as far as is known.
    pub(super) is_offered: bool,
    pub(super) summary: String,
    pub(super) causes: Vec<Occurrence>,
}

impl JudgedCheck {
    /// A check that had no address to go to.
    pub(super) fn without_address(summary: &str, cause: Option<Occurrence>) -> Self {
        Self {
            verdict: Verdict::Unknown,
            is_offered: true,
            summary: clipped(summary),
            causes: cause.into_iter().collect(),
        }
    }
}
