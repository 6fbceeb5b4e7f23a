//! The table of targets for a person at a terminal: what is required first, then each protocol.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use textwrap::core::display_width;

use super::{
    Audit,
    human::DIM,
    matrix::{Mark, Required, mark},
};
use crate::{
    diagnosis::Verdict,
    report::{
        Report,
        human::colour,
        parts,
        text::{self, WIDTH, wrapped},
    },
    target::Protocol,
};

/// The most ready targets that are listed: what is well is not what people look for.
const MOST_READY: usize = 20;
/// Columns between two cells.
const GAP: usize = 1;
/// The narrowest column of names.
const NARROWEST: usize = 10;

/// Each target a row: what it requires and each protocol a column; first what is not ready.
pub(super) fn write(out: &mut String, audit: &Audit) {
    let protocols = parts::protocols(&audit.reports);
    if protocols.is_empty() {
        return;
    }
    let (ready, not_ready): (Vec<&Report>, Vec<&Report>) =
        audit.reports.iter().partition(|report| report.requirement.met);
    let is_long = ready.len() > MOST_READY;
    let listed: Vec<&Report> = if is_long { not_ready.clone() } else { audit.reports.iter().collect() };
    let columns = Columns::of(&listed, &protocols);
    if !listed.is_empty() {
        let _ = writeln!(out, "\n{DIM}{}{DIM:#}", columns.heads());
    }
    columns.section(out, "NOT ready", &not_ready);
    match is_long {
        true => wrapped(out, "ready: ", "  ", &format!("{} targets, not listed here.", ready.len())),
        false => columns.section(out, "ready", &ready),
    }
    if listed.iter().any(|report| report.checks.iter().any(|check| report.requires(check))) {
        let _ = writeln!(out, "{DIM}* required{DIM:#}");
    }
}

/// The columns of the table, each no wider than what stands in it.
struct Columns<'a> {
    name: usize,
    required: usize,
    protocols: Vec<(&'a Protocol, usize)>,
}

impl<'a> Columns<'a> {
    fn of(listed: &[&Report], protocols: &'a [Protocol]) -> Self {
        let wide = |head: &str, cells: &dyn Fn(&Report) -> usize| {
            listed.iter().map(|report| cells(report)).chain([head.len()]).max().unwrap_or_default()
        };
        let required = wide("required", &|report| Required::of(report).word().len());
        let cell = |protocol: &Protocol| wide(protocol.id(), &|report| Cell::of(report, *protocol).width());
        let protocols: Vec<(&Protocol, usize)> = protocols.iter().map(|protocol| (protocol, cell(protocol))).collect();
        let cells = required + protocols.iter().map(|(_, width)| GAP + width).sum::<usize>();
        let widest = listed.iter().map(|report| display_width(&report.label())).max().unwrap_or_default() + 2;
        let room = WIDTH.saturating_sub(2 + cells).max(NARROWEST);
        Self { name: widest.clamp(NARROWEST, room), required, protocols }
    }

    fn heads(&self) -> String {
        let mut heads = format!("  {:name$}{:required$}", "", "required", name = self.name, required = self.required);
        for (protocol, width) in &self.protocols {
            let _ = write!(heads, "{:GAP$}{:<width$}", "", protocol.id());
        }
        heads.trim_end().to_owned()
    }

    fn section(&self, out: &mut String, title: &str, reports: &[&Report]) {
        if !reports.is_empty() {
            let _ = writeln!(out, "{title}");
        }
        for report in reports {
            let label = report.label();
            // Cells are told apart by their columns, so a name that is too long has a line of its own.
            match display_width(&label) < self.name {
                true => _ = write!(out, "  {label}{}", " ".repeat(self.name - display_width(&label))),
                false => {
                    wrapped(out, "  ", "    ", &label);
                    let _ = write!(out, "  {:width$}", "", width = self.name);
                }
            }
            self.cells(out, report);
        }
    }

    fn cells(&self, out: &mut String, report: &Report) {
        let required = Cell::required(report);
        let mut row = required.padded(self.required);
        for (protocol, width) in &self.protocols {
            row += &" ".repeat(GAP);
            row += &Cell::of(report, **protocol).padded(*width);
        }
        out.push_str(row.trim_end());
        out.push('\n');
    }
}

/// A word in colour, and a star where it is required by name.
struct Cell {
    word: String,
    style: Style,
    star: &'static str,
}

impl Cell {
    fn required(report: &Report) -> Self {
        let required = Required::of(report);
        let style = match required {
            Required::Met => colour(Verdict::Allowed),
            Required::NotMet => colour(Verdict::Blocked),
            Required::Nothing => DIM,
        };
        Self { word: required.word().to_owned(), style, star: "" }
    }

    fn of(report: &Report, protocol: Protocol) -> Self {
        let (word, style) = match mark(report, protocol) {
            Mark::None => ("-".to_owned(), Style::new()),
            Mark::All(Verdict::Allowed) => ("ok".to_owned(), colour(Verdict::Allowed)),
            Mark::All(Verdict::Unknown) => ("?".to_owned(), colour(Verdict::Unknown)),
            Mark::All(verdict) => (text::verdict(verdict).to_owned(), colour(verdict)),
            Mark::Some(allowed, all) => (format!("{allowed}/{all} ok"), AnsiColor::Yellow.on_default()),
        };
        let mut of_it = report.checks.iter().filter(|check| check.seen.protocol == protocol);
        let star = if of_it.any(|check| report.requires(check)) { "*" } else { "" };
        Self { word, style, star }
    }

    fn width(&self) -> usize {
        self.word.len() + self.star.len()
    }

    /// Padded without its colour: an escape has no width.
    fn padded(&self, width: usize) -> String {
        let Self { word, style, star } = self;
        format!("{style}{word}{style:#}{star}{}", " ".repeat(width.saturating_sub(self.width())))
    }
}
