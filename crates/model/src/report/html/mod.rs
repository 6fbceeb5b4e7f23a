//! The report for people who sign: one file that needs no network and no script. The summary first, then a table with a
//! row per hub and a column per protocol, whose cells open, then every cause in full.
//!
//! The template escapes all its input. If that ever fails, the page's own policy forbids scripts and requests.

mod cell;
mod changes;
mod page;
mod path;
mod trace;

use askama::Template;

use super::{Audit, Report, Screen, Tool, TraceReport, TracedPort, endpoint, index, local_time, proxy, sections, text};
use page::Page;
use trace::TracePage;

pub(super) fn render(report: &Report) -> String {
    written(&Page::of_one(report))
}

pub(super) fn audit(audit: &Audit) -> String {
    written(&Page::new(&audit.summary, &audit.reports))
}

pub(super) fn trace(report: &TraceReport) -> String {
    written(&TracePage::of(report))
}

fn written(page: &impl Template) -> String {
    // Writing to memory does not fail.
    page.render().unwrap_or_default() + "\n"
}
