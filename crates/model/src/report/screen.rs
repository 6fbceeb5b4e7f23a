//! The reader's screen, and how much detail the reader wants.

use std::fmt::{self, Write as _};

use anstyle::Style;

use super::text::lines;

/// The screen that a person reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    columns: usize,
    unfolded: bool,
}

impl Screen {
    /// For a file, whose reader cannot ask for more: unfolded.
    pub const FILE: Self = Self { columns: Self::USUAL, unfolded: true };
    /// Columns if the output is not a terminal.
    pub const USUAL: usize = 80;
    /// Minimum columns; a narrower screen overflows.
    const MIN_COLUMNS: usize = 40;
    /// Maximum columns: longer lines are hard to read.
    const MAX_COLUMNS: usize = 120;

    /// A screen of that many columns, within the limits. Unfolded it shows each cause in full, and what was measured.
    pub fn new(columns: usize, unfolded: bool) -> Self {
        Self { columns: columns.clamp(Self::MIN_COLUMNS, Self::MAX_COLUMNS), unfolded }
    }

    /// The columns in use.
    pub fn columns(self) -> usize {
        self.columns
    }

    /// The narrowest screen.
    pub(super) fn narrowest() -> Self {
        Self::new(Self::MIN_COLUMNS, false)
    }

    /// For text that is pasted into mails and tickets: as wide as these are.
    pub(super) fn for_mail(self) -> Self {
        Self { columns: self.columns.min(Self::USUAL), ..self }
    }

    pub(super) fn is_unfolded(self) -> bool {
        self.unfolded
    }
}

/// The text on a screen.
pub(super) struct Page {
    text: String,
    columns: usize,
}

impl Page {
    pub(super) fn new(screen: Screen) -> Self {
        Self { text: String::new(), columns: screen.columns }
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    /// Appends `text` in lines that fit: `first` precedes the first line, `next` the others.
    pub(super) fn wrapped(&mut self, first: &str, next: &str, text: &str) {
        self.text += &self.lines(first, next, text);
    }

    /// The same, all of it in one style.
    pub(super) fn styled(&mut self, style: Style, first: &str, next: &str, text: &str) {
        for line in self.lines(first, next, text).lines() {
            let _ = writeln!(self, "{style}{line}{style:#}");
        }
    }

    /// What [`Self::wrapped`] would append. Add colour after wrapping: escapes have no width.
    pub(super) fn lines(&self, first: &str, next: &str, text: &str) -> String {
        lines(self.columns, first, next, text)
    }

    /// Appends `text` as it is.
    pub(super) fn push(&mut self, text: &str) {
        self.text += text;
    }

    /// Begins a section: an empty line before all but the first.
    pub(super) fn part(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }
}

impl fmt::Write for Page {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.text.write_str(text)
    }
}
