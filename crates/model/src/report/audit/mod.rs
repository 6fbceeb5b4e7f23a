//! What several reports say together: which targets are ready, and the few actions that help most.

pub(super) mod action;
mod human;
pub(super) mod matrix;
mod pace;
pub(super) mod phrases;
mod roots;
pub(super) mod summary;
mod table;
mod warnings;

pub use action::{Action, Concerned};
pub use pace::{Bears, Pace, PaceLimit, Strain};
pub use summary::{Audit, SCHEMA, Summary};

use super::{Format, Screen, brief, csv, json, junit, markdown, ticket};

impl Audit {
    /// The audit as text. The human format holds ANSI escapes for colour: strip them if they are not wanted.
    pub fn render(&self, format: Format) -> String {
        self.render_on(Screen::FILE, format)
    }

    /// As [`Self::render`], but formats for people fit a screen.
    pub fn render_on(&self, screen: Screen, format: Format) -> String {
        match format {
            Format::Human => human::render(self, screen),
            Format::Json => json::pretty(self),
            Format::Ndjson => json::events(self),
            Format::Markdown => markdown::audit(self),
            #[cfg(feature = "html")]
            Format::Html => super::html::audit(self),
            Format::Junit => junit::render(&self.reports),
            Format::Csv => csv::render(&self.reports),
            Format::Brief => brief::render(&self.reports),
            Format::Ticket => ticket::render(self.summary.title.as_deref(), &self.reports, screen),
        }
    }

    /// Only the last line of NDJSON, if each report was written as it arrived.
    pub fn last_event(&self) -> String {
        json::last_event(&self.summary)
    }
}
