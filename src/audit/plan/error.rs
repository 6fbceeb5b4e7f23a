//! What is wrong with a plan: the line, and what was meant.

use toml::Spanned;

use crate::{hub::looks_secret, report::escape};

/// How alike two words must be (Jaro-Winkler, 0 to 1) for the one to be taken for the other.
const ALIKE: f64 = 0.75;

/// A plan that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct PlanError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong and what to write instead, harmless on a terminal and without secrets.
    pub message: String,
}

impl PlanError {
    /// About a value at the line of `text` where it begins.
    pub(super) fn at<T>(text: &str, value: &Spanned<T>, message: impl Into<String>) -> Self {
        Self { line: Lines::of(text).of_value(value), message: message.into() }
    }

    /// What the TOML reader found.
    pub(super) fn of_toml(text: &str, error: &toml::de::Error) -> Self {
        let line = Lines::of(text).of_offset(error.span().map_or(0, |span| span.start));
        let said = error.message();
        let message = match looks_secret(said) {
            // Such an error quotes what it does not understand.
            true => "not understood (not shown: it may hold a secret)".to_owned(),
            false => escape(&meant(said)).replace("expected u16", "expected a port from 1 to 65535"),
        };
        Self { line, message: message.replace('\n', "; ") }
    }
}

/// Where the lines of a text end.
pub(super) struct Lines(Vec<usize>);

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        Self(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect())
    }

    /// Where a value begins, counted from 1.
    pub(super) fn of_value<T>(&self, value: &Spanned<T>) -> usize {
        self.of_offset(value.span().start)
    }

    fn of_offset(&self, offset: usize) -> usize {
        self.0.partition_point(|end| *end < offset) + 1
    }
}

/// ``unknown field `x`, expected one of `y`, `z` `` with the word that was meant, where there is one like it.
fn meant(said: &str) -> String {
    let words: Vec<&str> = said.split('`').skip(1).step_by(2).collect();
    let unknown = said.starts_with("unknown field") || said.starts_with("unknown variant");
    let (true, [found, known @ ..]) = (unknown, words.as_slice()) else { return said.to_owned() };
    let what = if said.starts_with("unknown field") { "key" } else { "word" };
    let alike = |word: &str| strsim::jaro_winkler(&found.to_ascii_lowercase(), word);
    let best = known.iter().max_by(|one, other| alike(one).total_cmp(&alike(other)));
    match best.filter(|word| alike(word) >= ALIKE) {
        Some(word) => format!("unknown {what} `{found}`; did you mean `{word}`?"),
        None => format!("unknown {what} `{found}`; known are: {}", known.join(", ")),
    }
}
