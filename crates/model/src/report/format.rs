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
    /// For programs that watch: events, a line each, the report last.
    Ndjson,
    /// For wikis, issues and merge requests.
    Markdown,
    /// For people who sign: one file that needs no network and no script.
    Html,
    /// For CI servers: each check a test case.
    Junit,
    /// For spreadsheets: each check a row.
    Csv,
    /// Requests to whoever stops something: what to allow, why, and how to verify.
    Ticket,
    /// To read out on the telephone, or to paste into a chat: a line each cause.
    Brief,
}

/// Each format, its word, and the file suffixes that stand for it, the usual one first.
const FORMATS: &[(Format, &str, &[&str])] = &[
    (Format::Human, "human", &["txt"]),
    (Format::Json, "json", &["json"]),
    (Format::Ndjson, "ndjson", &["ndjson", "jsonl"]),
    (Format::Markdown, "markdown", &["md", "markdown"]),
    (Format::Html, "html", &["html", "htm"]),
    (Format::Junit, "junit", &["xml"]),
    (Format::Csv, "csv", &["csv"]),
    (Format::Ticket, "ticket", &["ticket"]),
    (Format::Brief, "brief", &["brief"]),
];

impl Format {
    /// Every format.
    pub fn all() -> impl Iterator<Item = Self> {
        FORMATS.iter().map(|(format, ..)| *format)
    }

    /// The word used in options.
    pub fn id(self) -> &'static str {
        self.row().map_or("human", |(_, word, _)| *word)
    }

    /// The usual suffix of its files, without the dot.
    pub fn suffix(self) -> &'static str {
        self.row().and_then(|(.., suffixes)| suffixes.first()).copied().unwrap_or("txt")
    }

    fn row(self) -> Option<&'static (Self, &'static str, &'static [&'static str])> {
        FORMATS.iter().find(|(format, ..)| *format == self)
    }

    /// The format that a file's suffix stands for.
    pub fn of_path(path: &Path) -> Option<Self> {
        let suffix = path.extension()?.to_str()?.to_ascii_lowercase();
        FORMATS.iter().find(|(.., suffixes)| suffixes.contains(&suffix.as_str())).map(|(format, ..)| *format)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// A word that is no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown format; use one of: {}", Format::all().map(Format::id).collect::<Vec<_>>().join(", "))]
pub struct UnknownFormat;

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::all().find(|format| format.id().eq_ignore_ascii_case(word)).ok_or(UnknownFormat)
    }
}
