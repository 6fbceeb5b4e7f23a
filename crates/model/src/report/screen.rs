//! What a person reads on, and how much of it they want.

use std::fmt::{self, Write as _};

use anstyle::Style;

use super::text::lines;

/// Where a person reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    columns: usize,
    unfolded: bool,
}

impl Screen {
    /// For a file: nobody can ask it for more.
    pub const FILE: Self = Self { columns: Self::USUAL, unfolded: true };
    /// Columns of what is read on no terminal.
    pub const USUAL: usize = 80;
    /// Fewer columns than these are written over.
    const FEWEST: usize = 40;
    /// In longer lines the eye loses its place.
    const MOST: usize = 120;

    /// So many columns wide, or as many as can be written for. Unfolded it tells each cause whole, and what was measured.
    pub fn new(columns: usize, unfolded: bool) -> Self {
        Self { columns: columns.clamp(Self::FEWEST, Self::MOST), unfolded }
    }

    /// How many columns are written for.
    pub fn columns(self) -> usize {
        self.columns
    }

    /// The narrowest that is written for.
    pub(super) fn narrowest() -> Self {
        Self::new(Self::FEWEST, false)
    }

    /// For what is pasted into mails and tickets: no wider than these are.
    pub(super) fn for_mail(self) -> Self {
        Self { columns: self.columns.min(Self::USUAL), ..self }
    }

    pub(super) fn is_unfolded(self) -> bool {
        self.unfolded
    }
}

/// What is written on a screen.
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

    /// Appends `text` in lines that fit, with `first` before its first one and `next` before the others.
    pub(super) fn wrapped(&mut self, first: &str, next: &str, text: &str) {
        self.text += &self.lines(first, next, text);
    }

    /// The same, all of it in one style.
    pub(super) fn styled(&mut self, style: Style, first: &str, next: &str, text: &str) {
        for line in self.lines(first, next, text).lines() {
            let _ = writeln!(self, "{style}{line}{style:#}");
        }
    }

    /// What [`Self::wrapped`] would append: an escape has no width, so colour comes after wrapping.
    pub(super) fn lines(&self, first: &str, next: &str, text: &str) -> String {
        lines(self.columns, first, next, text)
    }

    /// Appends `text` as it is.
    pub(super) fn push(&mut self, text: &str) {
        self.text += text;
    }

    /// Begins a part: an empty line before all but the first.
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
