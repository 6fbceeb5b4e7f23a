//! How to SAY it: one report, or an audit of several, with one file per format; and what changed between two.

mod answer;
mod audit;
mod brief;
mod csv;
pub mod diff;
mod endpoint;
mod escape;
mod finding_ref;
mod format;
mod health;
#[cfg(feature = "html")]
mod html;
mod human;
mod index;
mod json;
mod judged;
mod junit;
mod local_time;
mod markdown;
mod markdown_text;
mod plan;
mod plan_entry;
mod proxy;
mod read;
mod screen;
mod sections;
mod style;
mod text;
mod ticket;
mod trace;
mod wire;

pub use audit::{Action, Audit, Bears, Concerned, Pace, PaceLimit, SCHEMA as AUDIT_SCHEMA, Strain, Summary};
pub use escape::escape;
pub use format::{Format, UnknownFormat};
pub use json::line as json_line;
pub use judged::{Check, Report, SCHEMA, Tool};
pub use plan_entry::PlanEntry;
pub use read::{Document, ReadError, read};
pub use screen::Screen;
pub use trace::{TRACE_SCHEMA, TraceReport, TracedPort};

pub use crate::diagnosis::text::duration;
impl Report {
    /// The report as text. The human format holds ANSI escapes for colour: strip them if they are not wanted. Nothing
    /// else in any format can steer a terminal, and a spreadsheet or browser finds nothing to execute.
    pub fn render(&self, format: Format) -> String {
        self.render_on(Screen::FILE, format)
    }

    /// As [`Self::render`], but formats for people fit a screen.
    pub fn render_on(&self, screen: Screen, format: Format) -> String {
        let alone = std::slice::from_ref(self);
        match format {
            Format::Human => human::render(self, screen),
            Format::Brief => brief::render(alone),
            Format::Json => json::pretty(self),
            Format::Ndjson => json::event(self),
            Format::Markdown => markdown::render(self),
            #[cfg(feature = "html")]
            Format::Html => html::render(self),
            Format::Junit => junit::render(alone),
            Format::Csv => csv::render(alone),
            Format::Ticket => ticket::render(None, alone, screen),
        }
    }
}

/// One report as [`Report::render`] writes it, any other number as an [`Audit`].
pub fn render(reports: &[Report], format: Format) -> String {
    match reports {
        [one] => one.render(format),
        reports => Audit::of(reports.to_vec()).render(format),
    }
}
