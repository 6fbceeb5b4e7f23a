//! What changed between two reports, or two audits: before and after the firewall ticket.

mod changes;
mod compare;
mod human;
mod markdown;

pub use changes::{Change, Compared, Counts, Diff, SCHEMA, State};
pub use compare::{NothingInCommon, compare};

pub(super) use changes::news;
pub(super) use human::{said, write as human_section};

use super::{Screen, json};

impl Diff {
    /// For a terminal, fitted to the screen, with ANSI escapes for colour.
    pub fn human(&self, screen: Screen) -> String {
        human::render(self, screen)
    }

    /// One JSON object.
    pub fn json(&self) -> String {
        json::pretty(self)
    }

    /// Markdown, for the ticket.
    pub fn markdown(&self) -> String {
        markdown::render(self, "#")
    }

    /// The same as a section of another document.
    pub(super) fn markdown_section(&self) -> String {
        markdown::render(self, "##")
    }
}
