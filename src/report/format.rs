//! The formats a report can be written in.

use std::{fmt, io, path::Path, str::FromStr};

use super::{Report, human, json};

/// A way to write a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Format {
    /// For a person at a terminal, in 80 columns; with ANSI styles, to be stripped where they are not wanted.
    #[default]
    Human,
    /// One JSON object.
    Json,
}

impl Format {
    /// Every format, the default first.
    pub const ALL: &[Self] = &[Self::Human, Self::Json];

    /// The word used in options.
    pub fn id(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
        }
    }

    /// The suffix of files in this format, without its dot.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Human => "txt",
            Self::Json => "json",
        }
    }

    /// The format that a file's name asks for.
    pub fn of_path(path: &Path) -> Result<Self, UnknownSuffix> {
        let suffix = path.extension().and_then(|suffix| suffix.to_str()).unwrap_or_default();
        Self::ALL.iter().copied().find(|format| format.suffix().eq_ignore_ascii_case(suffix)).ok_or(UnknownSuffix)
    }

    /// Writes `report`, with a newline at its end.
    pub fn write(self, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
        match self {
            Self::Human => out.write_all(human::render(report).as_bytes()),
            Self::Json => json::write(report, out),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|format| format.id().eq_ignore_ascii_case(word.trim())).ok_or(UnknownFormat)
    }
}

/// A word that is no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown format; use one of: {}", listed(Format::id))]
pub struct UnknownFormat;

/// A file name whose suffix tells no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the file's suffix tells its format; use one of: {}", listed(|format| format.suffix()))]
pub struct UnknownSuffix;

fn listed(word: fn(Format) -> &'static str) -> String {
    Format::ALL.iter().map(|format| word(*format)).collect::<Vec<_>>().join(", ")
}
