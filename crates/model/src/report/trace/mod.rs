//! The paths to a hub's ports, side by side.

pub(super) mod table;
mod traced;

pub use traced::{TRACE_SCHEMA, TraceReport, TracedPort};

use super::{Format, Screen, json};

impl TraceReport {
    /// The report as text. The human format holds ANSI escapes for colour: strip them if they are not wanted.
    pub fn render(&self, format: Format) -> String {
        self.render_on(Screen::FILE, format)
    }

    /// As [`Self::render`], but the human format fits a screen.
    pub fn render_on(&self, screen: Screen, format: Format) -> String {
        match format {
            Format::Json => json::pretty(self),
            #[cfg(feature = "html")]
            Format::Html => super::html::trace(self),
            _ => table::render(self, screen),
        }
    }
}
