//! How long a stage took, however it ends.

use std::time::Instant;

use crate::observation::{StageResult, millis};

/// Runs from the stage's beginning. Each result has the time that has passed when it is made.
#[derive(Clone, Copy)]
pub(crate) struct StageClock(Instant);

impl StageClock {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn ok<E, F>(self, evidence: E) -> StageResult<E, F> {
        StageResult::Ok { duration_ms: self.passed_ms(), evidence }
    }

    pub(crate) fn failed<E, F>(self, failure: F, evidence: Option<E>) -> StageResult<E, F> {
        StageResult::Failed { duration_ms: self.passed_ms(), failure, evidence }
    }

    /// The run was over first.
    pub(crate) fn cancelled<E, F>(self) -> StageResult<E, F> {
        StageResult::Cancelled { duration_ms: self.passed_ms() }
    }

    fn passed_ms(self) -> f64 {
        millis(self.0.elapsed())
    }
}
