//! The report formats.

use std::path::Path;

use crate::enum_words;

enum_words! {
    /// A format of the report.
    #[derive(Default)]
    #[non_exhaustive]
    pub enum Format {
        /// For a terminal.
        #[default]
        Human = "human",
        /// For programs: one object.
        Json = "json",
        /// For programs that watch: one event per line, the report last.
        Ndjson = "ndjson",
        /// For wikis, issues and merge requests.
        Markdown = "markdown",
        /// For people who sign: one file that needs no network and no script.
        Html = "html" with "html",
        /// For CI servers: one test case per check.
        Junit = "junit",
        /// For spreadsheets: one row per check.
        Csv = "csv",
        /// Requests to the owner of each cause: what to allow, why, and how to verify.
        Ticket = "ticket",
        /// To read out on the telephone, or to paste into a chat: one line per cause.
        Brief = "brief",
    }
    read as "format" or UnknownFormat
}

/// The file suffixes of each format, the usual one first.
const SUFFIXES: &[(Format, &[&str])] = &[
    (Format::Human, &["txt"]),
    (Format::Json, &["json"]),
    (Format::Ndjson, &["ndjson", "jsonl"]),
    (Format::Markdown, &["md", "markdown"]),
    #[cfg(feature = "html")]
    (Format::Html, &["html", "htm"]),
    (Format::Junit, &["xml"]),
    (Format::Csv, &["csv"]),
    (Format::Ticket, &["ticket"]),
    (Format::Brief, &["brief"]),
];

impl Format {
    /// The usual suffix of its files, without the dot.
    pub fn suffix(self) -> &'static str {
        let row = SUFFIXES.iter().find(|(format, _)| *format == self);
        row.and_then(|(_, suffixes)| suffixes.first()).copied().unwrap_or("txt")
    }

    /// The format of a file suffix.
    pub fn of_path(path: &Path) -> Option<Self> {
        let suffix = path.extension()?.to_str()?.to_ascii_lowercase();
        SUFFIXES.iter().find(|(_, suffixes)| suffixes.contains(&suffix.as_str())).map(|(format, _)| *format)
    }
}
