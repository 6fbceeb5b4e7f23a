//! The content of a finding: as this version diagnoses it, or as a file gives it.

use serde_json::{Map, Value, json};

use super::{cause::Cause, evidence::Evidence, phrases::devices, scope::Scope};

/// The content of a finding.
#[derive(Debug, Clone)]
pub(super) enum FindingContent {
    /// Diagnosed here: data, which becomes text when it is shown.
    Judged {
        cause: Cause,
        scope: Scope,
        evidence: Vec<Evidence>,
        /// How many statements were left out.
        omitted: usize,
    },
    /// Read from a file, in the words of the version that wrote it.
    Read(Texts),
}

/// The texts of a finding.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Texts {
    pub(super) title: String,
    pub(super) facts: Map<String, Value>,
    pub(super) evidence: Vec<String>,
    pub(super) first_step: Option<String>,
    pub(super) fix: String,
}

impl FindingContent {
    pub(super) fn title(&self) -> String {
        match self {
            Self::Judged { cause, scope, .. } => scope.narrowed_title(cause.title(scope)),
            Self::Read(texts) => texts.title.clone(),
        }
    }

    pub(super) fn first_step(&self) -> Option<String> {
        match self {
            Self::Judged { cause, scope, .. } => cause.first_step(scope),
            Self::Read(texts) => texts.first_step.clone(),
        }
    }

    pub(super) fn fix(&self) -> String {
        match self {
            Self::Judged { cause, scope, .. } => cause.fix(scope),
            Self::Read(texts) => texts.fix.clone(),
        }
    }

    pub(super) fn evidence(&self) -> Vec<String> {
        match self {
            Self::Judged { evidence, omitted, .. } => {
                let more = (*omitted > 0).then(|| format!("and {omitted} more like these"));
                evidence.iter().map(Evidence::sentence).chain(more).collect()
            }
            Self::Read(texts) => texts.evidence.clone(),
        }
    }

    pub(super) fn evidence_in_short(&self) -> Vec<String> {
        let Self::Judged { evidence, .. } = self else { return self.evidence() };
        let is_first = |at: usize| !evidence[..at].iter().any(|earlier| earlier.is_like(&evidence[at]));
        (0..evidence.len()).filter(|at| is_first(*at)).map(|at| evidence[at].in_short()).collect()
    }

    pub(super) fn facts(&self) -> Map<String, Value> {
        match self {
            Self::Judged { cause, scope, .. } => {
                let mut facts = Map::from_iter([("ports".to_owned(), json!(scope.ports()))]);
                facts.extend(cause.facts());
                // Between two hops, readers want to know which devices that may be.
                let between: Vec<String> =
                    scope.locations().iter().filter(|location| location.next.is_some()).map(devices).collect();
                if !between.is_empty() {
                    facts.insert("devices".to_owned(), json!(between));
                }
                facts
            }
            Self::Read(texts) => texts.facts.clone(),
        }
    }

    pub(super) fn texts(&self) -> Texts {
        Texts {
            title: self.title(),
            facts: self.facts(),
            evidence: self.evidence(),
            first_step: self.first_step(),
            fix: self.fix(),
        }
    }
}

/// Diagnosed content is compared as data, content of a file by its text.
impl PartialEq for FindingContent {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Judged { cause, scope, evidence, omitted },
                Self::Judged {
                    cause: other_cause,
                    scope: other_scope,
                    evidence: other_evidence,
                    omitted: other_unsaid,
                },
            ) => (cause, scope, evidence, omitted) == (other_cause, other_scope, other_evidence, other_unsaid),
            (one, other) => one.texts() == other.texts(),
        }
    }
}
