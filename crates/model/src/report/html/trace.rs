//! The page of traced paths: a picture per address, and the table as on the screen.

use anstream::adapter::strip_str;
use askama::Template;

use super::{
    Screen, TraceReport, local_time,
    path::{self, Picture},
    text::shown,
};
use crate::report::trace::table;

#[derive(Template)]
#[template(path = "trace.html")]
pub(super) struct TracePage {
    title: String,
    made: String,
    pictures: Vec<Picture>,
    table: String,
    /// The same for a narrow screen.
    narrow: String,
}

impl TracePage {
    pub(super) fn of(report: &TraceReport) -> Self {
        let from = report.traces.from.as_deref().map(|host| format!("from {} ", shown(host))).unwrap_or_default();
        let (at, tool) = (local_time::both(&report.traces.started_at, report.traces.utc_offset_minutes), &report.tool);
        Self {
            title: format!("Paths to {}", shown(&report.traces.host)),
            made: format!("Traced {from}at {at} by {} {}.", shown(&tool.name), shown(&tool.version)),
            pictures: path::of_trace(report),
            table: as_text(report, Screen::FILE),
            narrow: as_text(report, Screen::narrowest()),
        }
    }
}

fn as_text(report: &TraceReport, screen: Screen) -> String {
    strip_str(&table::render(report, screen)).to_string()
}
