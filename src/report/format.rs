//! The formats there are.

use std::{fmt, path::Path, str::FromStr};

/// A format of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Format {
    /// For a person at a terminal.
    #[default]
    Human,
    /// For programs: one object.
    Json,
    /// Requests to whoever stops something: what to allow, why, and how to verify.
    Ticket,
}

/// Each format, its word, and the file suffixes that stand for it.
const FORMATS: &[(Format, &str, &[&str])] =
    &[(Format::Human, "human", &["txt"]), (Format::Json, "json", &["json"]), (Format::Ticket, "ticket", &["ticket"])];

impl Format {
    /// Every format.
    pub fn all() -> impl Iterator<Item = Self> {
        FORMATS.iter().map(|(format, ..)| *format)
    }

    /// The format that a file's suffix stands for.
    pub fn of_path(path: &Path) -> Option<Self> {
        let suffix = path.extension()?.to_str()?.to_ascii_lowercase();
        FORMATS.iter().find(|(.., suffixes)| suffixes.contains(&suffix.as_str())).map(|(format, ..)| *format)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = FORMATS.iter().find(|(format, ..)| format == self).map_or("human", |(_, word, _)| word);
        f.pad(word)
    }
}

/// A word that is no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown format; use one of: human, json, ticket")]
pub struct UnknownFormat;

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        FORMATS
            .iter()
            .find(|(_, has, _)| has.eq_ignore_ascii_case(word))
            .map(|(format, ..)| *format)
            .ok_or(UnknownFormat)
    }
}
