//! What a rule says of one attempt: the raw material of findings.

use serde_json::{Map, Value};

use super::{Code, Confidence, Owner, Severity, catalogue};

/// The longest piece of a peer's text that is repeated in a finding, in characters.
const LONGEST_TEXT: usize = 200;

/// One cause seen in one attempt. Causes with the same code, owner and facts are the same cause.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cause {
    pub(super) code: Code,
    pub(super) severity: Severity,
    pub(super) confidence: Confidence,
    pub(super) alternatives: Vec<Code>,
    pub(super) owner: Owner,
    /// What tells this cause from others of the same code, and fills in the texts.
    pub(super) facts: Map<String, Value>,
    /// What was seen, a sentence each.
    pub(super) evidence: Vec<String>,
    /// Whether seeing it at a second attempt completes the proof.
    pub(super) twice_confirms: bool,
}

impl Cause {
    /// A cause whose proof is complete, as the catalogue describes it.
    pub(super) fn confirmed(code: Code) -> Self {
        let entry = catalogue::entry(code);
        Self {
            code,
            severity: entry.severity,
            confidence: Confidence::Confirmed,
            alternatives: Vec::new(),
            owner: entry.owner,
            facts: Map::new(),
            evidence: Vec::new(),
            twice_confirms: false,
        }
    }

    /// A cause that fits best, without complete proof.
    pub(super) fn likely(code: Code) -> Self {
        Self { confidence: Confidence::Likely, ..Self::confirmed(code) }
    }

    /// A cause beside which others remain.
    pub(super) fn possible(code: Code, alternatives: &[Code]) -> Self {
        Self { confidence: Confidence::Possible, alternatives: alternatives.to_vec(), ..Self::confirmed(code) }
    }

    pub(super) fn fact(mut self, name: &str, value: impl Into<Value>) -> Self {
        let value = match value.into() {
            Value::String(text) => Value::String(clipped(&text)),
            other => other,
        };
        self.facts.insert(name.to_owned(), value);
        self
    }

    pub(super) fn seen(mut self, evidence: impl AsRef<str>) -> Self {
        self.evidence.push(evidence.as_ref().to_owned());
        self
    }

    pub(super) fn severity(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }

    pub(super) fn owner(self, owner: Owner) -> Self {
        Self { owner, ..self }
    }

    pub(super) fn twice_confirms(self) -> Self {
        Self { twice_confirms: true, ..self }
    }
}

/// The beginning of a text that may be a peer's.
pub(super) fn clipped(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text.to_owned(),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Milliseconds for people: `94 ms`, `4.0 s`.
pub(super) fn spoken(millis: f64) -> String {
    if millis < 1000.0 { format!("{millis:.0} ms") } else { format!("{:.1} s", millis / 1000.0) }
}
