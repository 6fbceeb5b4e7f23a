//! What is wrong with a plan: the line, and what was meant.

use toml::Spanned;

use crate::{
    RoutingError, SettingsError,
    hub::{HostError, HubHost, TargetOptionsError, TypedError, looks_secret},
    report::escape,
};

/// How similar (Jaro-Winkler, 0 to 1) a known word must be to be suggested for an unknown one.
const MIN_SIMILARITY: f64 = 0.75;

/// A plan that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
#[non_exhaustive]
pub struct PlanError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong and what to write instead, harmless on a terminal and without secrets.
    pub message: String,
    /// Why a target cannot be tested, where that is what is wrong.
    pub fault: Option<TargetFault>,
}

/// Why what a plan says of a target is no target, or cannot be tested so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetFault {
    /// The hub cannot be understood, or does not offer what is to be tested.
    #[error(transparent)]
    Hub(#[from] TypedError),
    /// The settings do not go together, or not with the hub.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The routes that are wanted do not exist here.
    #[error(transparent)]
    Routing(#[from] RoutingError),
    /// Most likely only the short name of a hub.
    #[error(
        "a hub's full hostname is needed, for example {0}.azure-devices.net (a short name of your own network needs a kind)"
    )]
    Bare(HubHost),
}

impl From<HostError> for TargetFault {
    fn from(error: HostError) -> Self {
        Self::Hub(error.into())
    }
}

impl From<TargetOptionsError> for TargetFault {
    fn from(error: TargetOptionsError) -> Self {
        Self::Hub(error.into())
    }
}

impl PlanError {
    /// Of a line.
    pub(super) fn new(line: usize, message: impl Into<String>) -> Self {
        Self { line, message: message.into(), fault: None }
    }

    /// Of the target of a line.
    pub(super) fn of_target(line: usize, fault: TargetFault) -> Self {
        Self { fault: Some(fault.clone()), ..Self::new(line, fault.to_string()) }
    }

    /// About a value at the line of `text` where it begins.
    pub(super) fn at<T>(text: &str, value: &Spanned<T>, message: impl Into<String>) -> Self {
        Self::new(Lines::of(text).of_value(value), message)
    }

    /// What the TOML reader found.
    pub(super) fn of_toml(text: &str, error: &toml::de::Error) -> Self {
        let line = Lines::of(text).of_offset(error.span().map_or(0, |span| span.start));
        let original = error.message();
        let message = match looks_secret(original) {
            // Such an error quotes what it does not understand.
            true => "not understood (not shown: it may hold a secret)".to_owned(),
            false => escape(&meant(original)).replace("expected u16", "expected a port from 1 to 65535"),
        };
        Self::new(line, message.replace('\n', "; "))
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
fn meant(original: &str) -> String {
    let words: Vec<&str> = original.split('`').skip(1).step_by(2).collect();
    let unknown = original.starts_with("unknown field") || original.starts_with("unknown variant");
    let (true, [found, known @ ..]) = (unknown, words.as_slice()) else { return original.to_owned() };
    let what = if original.starts_with("unknown field") { "key" } else { "word" };
    let similarity = |word: &str| strsim::jaro_winkler(&found.to_ascii_lowercase(), word);
    let best = known.iter().max_by(|one, other| similarity(one).total_cmp(&similarity(other)));
    match best.filter(|word| similarity(word) >= MIN_SIMILARITY) {
        Some(word) => format!("unknown {what} `{found}`; did you mean `{word}`?"),
        None => format!("unknown {what} `{found}`; known are: {}", known.join(", ")),
    }
}
