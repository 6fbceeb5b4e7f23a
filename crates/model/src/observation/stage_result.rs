//! The outcome of one stage.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The result of one stage: `E` is the evidence of a success, `F` how it can fail.
///
/// In JSON: `{ "outcome", "duration_ms", "failure", "evidence" }`, the last three `null` where they do not apply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Wire<E, F>", into = "Wire<E, F>")]
#[serde(bound(
    serialize = "E: Clone + Serialize, F: Clone + Serialize",
    deserialize = "E: Deserialize<'de>, F: Deserialize<'de>"
))]
pub enum StageResult<E, F> {
    /// The stage succeeded.
    Ok {
        /// How long it took, in milliseconds.
        duration_ms: f64,
        /// What it showed.
        evidence: E,
    },
    /// The stage failed. Failures are data too.
    Failed {
        /// How long it took, in milliseconds.
        duration_ms: f64,
        /// How it failed.
        failure: F,
        /// The observations before it failed.
        evidence: Option<E>,
    },
    /// An earlier stage failed, or the requested depth ends before this one.
    NotReached,
    /// The run's deadline or the user ended it after this time.
    Cancelled {
        /// How long it had taken until then, in milliseconds.
        duration_ms: f64,
    },
}

impl<E, F> StageResult<E, F> {
    /// The evidence, of a success or of a failure.
    pub fn evidence(&self) -> Option<&E> {
        match self {
            Self::Ok { evidence, .. } => Some(evidence),
            Self::Failed { evidence, .. } => evidence.as_ref(),
            Self::NotReached | Self::Cancelled { .. } => None,
        }
    }

    /// What a success showed.
    pub fn success(&self) -> Option<&E> {
        match self {
            Self::Ok { evidence, .. } => Some(evidence),
            _ => None,
        }
    }

    /// How it failed, if it did.
    pub fn failure(&self) -> Option<&F> {
        match self {
            Self::Failed { failure, .. } => Some(failure),
            _ => None,
        }
    }

    /// Whether it succeeded.
    pub fn is_ok(&self) -> bool {
        matches!(self, Self::Ok { .. })
    }

    /// How long it took, in milliseconds; `None` if it was not reached.
    pub fn duration_ms(&self) -> Option<f64> {
        match self {
            Self::Ok { duration_ms, .. } | Self::Failed { duration_ms, .. } | Self::Cancelled { duration_ms } => {
                Some(*duration_ms)
            }
            Self::NotReached => None,
        }
    }

    /// The outcome alone.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Ok { .. } => Outcome::Ok,
            Self::Failed { .. } => Outcome::Failed,
            Self::NotReached => Outcome::NotReached,
            Self::Cancelled { .. } => Outcome::Cancelled,
        }
    }
}

/// The closed list of outcomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It succeeded.
    Ok,
    /// It failed.
    Failed,
    /// It was not tried.
    #[default]
    NotReached,
    /// It was cut short.
    Cancelled,
}

/// A duration as the reports write it: milliseconds with two decimals.
pub fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 100_000.0).round() / 100.0
}

/// The shape in JSON, looser than [`StageResult`]; contradictions are refused when it is read.
#[derive(Serialize, Deserialize)]
#[serde(bound(serialize = "E: Serialize, F: Serialize", deserialize = "E: Deserialize<'de>, F: Deserialize<'de>"))]
struct Wire<E, F> {
    outcome: Outcome,
    duration_ms: Option<f64>,
    failure: Option<F>,
    evidence: Option<E>,
}

impl<E, F> From<StageResult<E, F>> for Wire<E, F> {
    fn from(stage_result: StageResult<E, F>) -> Self {
        let (outcome, duration_ms) = (stage_result.outcome(), stage_result.duration_ms());
        let (failure, evidence) = match stage_result {
            StageResult::Ok { evidence, .. } => (None, Some(evidence)),
            StageResult::Failed { failure, evidence, .. } => (Some(failure), evidence),
            StageResult::NotReached | StageResult::Cancelled { .. } => (None, None),
        };
        Self { outcome, duration_ms, failure, evidence }
    }
}

impl<E, F> TryFrom<Wire<E, F>> for StageResult<E, F> {
    type Error = &'static str;

    fn try_from(wire: Wire<E, F>) -> Result<Self, Self::Error> {
        match wire {
            Wire { outcome: Outcome::Ok, duration_ms: Some(duration_ms), failure: None, evidence: Some(evidence) } => {
                Ok(Self::Ok { duration_ms, evidence })
            }
            Wire { outcome: Outcome::Failed, duration_ms: Some(duration_ms), failure: Some(failure), evidence } => {
                Ok(Self::Failed { duration_ms, failure, evidence })
            }
            Wire { outcome: Outcome::NotReached, .. } => Ok(Self::NotReached),
            Wire { outcome: Outcome::Cancelled, duration_ms: Some(duration_ms), .. } => {
                Ok(Self::Cancelled { duration_ms })
            }
            _ => Err("a stage whose outcome, failure and evidence contradict each other"),
        }
    }
}
