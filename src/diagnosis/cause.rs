//! What a rule says of one attempt: the raw material of findings.

use serde_json::{Map, Value};

use super::{Code, Confidence, Location, Owner, Severity, catalogue};
use crate::observation::Stage;

/// The longest piece of a peer's text that is repeated in a finding, in characters.
const LONGEST_TEXT: usize = 200;
/// The longest sentence of evidence, in characters: a few pieces of a peer's text among our own words.
const LONGEST_SENTENCE: usize = 500;

/// One cause seen in one attempt. Causes with the same code, owner and facts are the same cause.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cause {
    pub(super) code: Code,
    pub(super) stage: Stage,
    pub(super) severity: Severity,
    pub(super) confidence: Confidence,
    pub(super) alternatives: Vec<Code>,
    pub(super) owner: Owner,
    /// Where on the path, if known. Causes at different places are different causes.
    pub(super) location: Option<Location>,
    /// What tells this cause from others of the same code, and fills in the texts.
    pub(super) facts: Map<String, Value>,
    /// What fills in the texts and is worth knowing, but may differ between two sightings of one cause.
    pub(super) details: Map<String, Value>,
    /// What was seen, a sentence each.
    pub(super) evidence: Vec<String>,
    /// Whether seeing it at a second attempt completes the proof.
    pub(super) twice_confirms: bool,
    /// Whether a second attempt at the same check and address showed it too.
    pub(super) again: bool,
    /// The code of the cause that brings this one about.
    pub(super) follows: Option<Code>,
    pub(super) title: &'static str,
    pub(super) fix: &'static str,
}

impl Cause {
    /// A cause whose proof is complete, as the catalogue describes it.
    pub(super) fn confirmed(code: Code) -> Self {
        let entry = catalogue::entry(code);
        Self {
            code,
            stage: entry.stage,
            severity: entry.severity,
            confidence: Confidence::Confirmed,
            alternatives: Vec::new(),
            owner: entry.owner,
            location: None,
            facts: Map::new(),
            details: Map::new(),
            evidence: Vec::new(),
            twice_confirms: false,
            again: false,
            follows: None,
            title: entry.title,
            fix: entry.fix,
        }
    }

    /// A cause that fits best, though `rarer` looks the same and is not ruled out.
    pub(super) fn likelier_than(code: Code, rarer: Code) -> Self {
        Self { alternatives: vec![rarer], ..Self::likely(code) }
    }

    /// A cause that fits best, without complete proof.
    pub(super) fn likely(code: Code) -> Self {
        Self { confidence: Confidence::Likely, ..Self::confirmed(code) }
    }

    /// A cause beside which others remain.
    pub(super) fn possible(code: Code, alternatives: &[Code]) -> Self {
        Self { confidence: Confidence::Possible, alternatives: alternatives.to_vec(), ..Self::confirmed(code) }
    }

    /// Another cause remains beside this one.
    pub(super) fn or(mut self, alternative: Code) -> Self {
        self.confidence = Confidence::Possible;
        self.alternatives.push(alternative);
        self
    }

    /// An alternative that was ruled out.
    pub(super) fn not(mut self, alternative: Code) -> Self {
        self.alternatives.retain(|code| *code != alternative);
        self
    }

    pub(super) fn fact(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.facts.insert(name.to_owned(), bounded(value.into()));
        self
    }

    pub(super) fn detail(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), bounded(value.into()));
        self
    }

    pub(super) fn seen(mut self, evidence: impl AsRef<str>) -> Self {
        self.evidence.push(cut(evidence.as_ref(), LONGEST_SENTENCE));
        self
    }

    pub(super) fn at(self, stage: Stage) -> Self {
        Self { stage, ..self }
    }

    pub(super) fn located(self, location: Option<Location>) -> Self {
        Self { location, ..self }
    }

    pub(super) fn severity(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }

    pub(super) fn owner(self, owner: Owner) -> Self {
        Self { owner, ..self }
    }

    /// A symptom of `root`, which is the finding to act on: no error of its own.
    pub(super) fn following(self, root: Code) -> Self {
        let severity = self.severity.max(Severity::Warning);
        Self { follows: Some(root), severity, ..self }
    }

    /// The catalogue's title does not fit this case of the cause.
    pub(super) fn titled(self, title: &'static str) -> Self {
        Self { title, ..self }
    }

    /// The catalogue's fix does not fit this case of the cause.
    pub(super) fn mended_by(self, fix: &'static str) -> Self {
        Self { fix, ..self }
    }

    pub(super) fn twice_confirms(self) -> Self {
        Self { twice_confirms: true, ..self }
    }

    /// A second attempt at the same check and address showed the same.
    pub(super) fn seen_again(self) -> Self {
        Self { again: true, ..self }.seen("the same once more came to the same")
    }

    /// Whether both may be at one place. Where the facts name the sender, only one of them need have seen how far away it is.
    fn may_be_where(&self, other: &Self) -> bool {
        match (&self.location, &other.location) {
            (Some(one), Some(other)) => is_same_place(one, other),
            (None, None) => true,
            _ => self.facts.contains_key("offender"),
        }
    }

    /// Whether both are sightings of one cause.
    pub(super) fn is_the_same(&self, other: &Self) -> bool {
        let key = |cause: &Self| (cause.code, cause.owner, cause.follows, cause.title, cause.fix);
        key(self) == key(other) && self.facts == other.facts && self.may_be_where(other)
    }
}

/// Whether both may be one device: the same addresses, or the same distance in two address families.
fn is_same_place(one: &Location, other: &Location) -> bool {
    let distances = |at: &Location| (at.hop, at.next.as_ref().map(|next| next.hop), at.of);
    let families = |at: &Location| {
        let addresses = [at.address, at.next.as_ref().and_then(|next| next.address)];
        addresses.into_iter().flatten().map(|address| address.is_ipv6()).collect::<Vec<_>>()
    };
    let apart = families(one).iter().all(|v6| !families(other).contains(v6));
    one == other || (distances(one) == distances(other) && apart)
}

fn bounded(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(clipped(&text)),
        other => other,
    }
}

/// The beginning of a text that may be a peer's.
pub(super) fn clipped(text: &str) -> String {
    cut(text, LONGEST_TEXT)
}

fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
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
    match millis {
        ..0.5 => "less than 1 ms".to_owned(),
        ..1000.0 => format!("{millis:.0} ms"),
        _ => format!("{:.1} s", millis / 1000.0),
    }
}
