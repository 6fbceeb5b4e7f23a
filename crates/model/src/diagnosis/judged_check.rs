//! The verdict of one check, and why.

use super::{Code, Verdict, occurrence::Occurrence, text::clipped};

/// The verdict of one check.
#[derive(Clone)]
pub(super) struct JudgedCheck {
    pub(super) verdict: Verdict,
    /// Whether the hub offers this at all, as far as is known.
    pub(super) is_offered: bool,
    pub(super) summary: String,
    pub(super) causes: Vec<Occurrence>,
    /// The cause that makes it no fault that this check fails: the others are told as what they are, and no more.
    pub(super) excused_by: Option<Code>,
}

impl JudgedCheck {
    /// A check without an address to try.
    pub(super) fn without_address(summary: &str, cause: Option<Occurrence>) -> Self {
        Self {
            verdict: Verdict::Unknown,
            is_offered: true,
            summary: clipped(summary),
            causes: cause.into_iter().collect(),
            excused_by: None,
        }
    }
}
