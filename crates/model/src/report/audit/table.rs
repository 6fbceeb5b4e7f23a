//! The table of targets for a terminal: the requirement first, then each protocol.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use textwrap::core::display_width;

use super::{
    Audit,
    matrix::{CellMark, Required, mark},
};
use crate::{
    diagnosis::Verdict,
    hub::{Protocol, Route},
    report::{
        Report, endpoint,
        screen::Page,
        sections,
        style::{DIM, colour},
        text,
    },
};

/// Ready targets listed: readers look for problems.
const MAX_READY: usize = 20;
/// Columns between two cells.
const GAP: usize = 1;
/// Minimum width of the name column.
const MIN_NAME_WIDTH: usize = 10;

/// One row per target, with a column for its requirement and one per protocol. Targets that are not ready come first.
pub(super) fn write(page: &mut Page, audit: &Audit) {
    let protocols = sections::protocols(&audit.reports);
    if protocols.is_empty() {
        return;
    }
    let (ready, others): (Vec<&Report>, Vec<&Report>) = audit.reports.iter().partition(|report| report.is_ready());
    let (out_of_reach, not_ready): (Vec<&Report>, Vec<&Report>) =
        others.iter().copied().partition(|report| report.diagnosis.requirement_met);
    let is_long = ready.len() > MAX_READY;
    let listed: Vec<&Report> = if is_long { others } else { audit.reports.iter().collect() };
    let columns = Columns::of(page.columns(), &listed, &protocols);
    page.part();
    if let (Some(columns), false) = (&columns, listed.is_empty()) {
        let _ = writeln!(page, "{DIM}{}{DIM:#}", columns.heads());
    }
    section(page, columns.as_ref(), "NOT ready", &not_ready);
    section(page, columns.as_ref(), "nothing required, and nothing gets through", &out_of_reach);
    match is_long {
        true => page.wrapped("ready: ", "  ", &format!("{} targets, not listed here.", ready.len())),
        false => section(page, columns.as_ref(), "ready", &ready),
    }
    if listed.iter().any(|report| report.checks().any(|check| report.requires(check))) {
        let _ = writeln!(page, "{DIM}* required{DIM:#}");
    }
}

/// The columns of the table, each as narrow as its content.
struct Columns<'a> {
    name: usize,
    required: usize,
    protocols: Vec<(&'a Protocol, usize)>,
}

impl<'a> Columns<'a> {
    /// `None` if they do not fit side by side.
    fn of(columns: usize, listed: &[&Report], protocols: &'a [Protocol]) -> Option<Self> {
        let wide = |head: &str, cells: &dyn Fn(&Report) -> usize| {
            listed.iter().map(|report| cells(report)).chain([head.len()]).max().unwrap_or_default()
        };
        let required = wide("required", &|report| Required::of(report).word().len());
        let cell = |protocol: &Protocol| wide(protocol.id(), &|report| Cell::of(report, *protocol).width());
        let protocols: Vec<(&Protocol, usize)> = protocols.iter().map(|protocol| (protocol, cell(protocol))).collect();
        let cells = required + protocols.iter().map(|(_, width)| GAP + width).sum::<usize>();
        let widest = listed.iter().map(|report| display_width(&report.label())).max().unwrap_or_default() + 2;
        let room = columns.checked_sub(2 + cells).filter(|room| *room >= MIN_NAME_WIDTH)?;
        Some(Self { name: widest.clamp(MIN_NAME_WIDTH, room), required, protocols })
    }

    fn heads(&self) -> String {
        let mut heads = format!("  {:name$}{:required$}", "", "required", name = self.name, required = self.required);
        for (protocol, width) in &self.protocols {
            let _ = write!(heads, "{:GAP$}{:<width$}", "", protocol.id());
        }
        heads.trim_end().to_owned()
    }

    fn row(&self, page: &mut Page, report: &Report) {
        let label = report.label();
        // Columns identify the cells, so a name that is too long gets its own line.
        match display_width(&label) < self.name {
            true => _ = write!(page, "  {label}{}", " ".repeat(self.name - display_width(&label))),
            false => {
                page.wrapped("  ", "    ", &label);
                let _ = write!(page, "  {:width$}", "", width = self.name);
            }
        }
        let required = Cell::required(report);
        let mut row = required.padded(self.required);
        for (protocol, width) in &self.protocols {
            row += &" ".repeat(GAP);
            row += &Cell::of(report, **protocol).padded(*width);
        }
        let _ = writeln!(page, "{}", row.trim_end());
    }
}

fn section(page: &mut Page, columns: Option<&Columns<'_>>, title: &str, reports: &[&Report]) {
    if !reports.is_empty() {
        let _ = writeln!(page, "{title}");
    }
    for report in reports {
        match columns {
            Some(columns) => columns.row(page, report),
            None => listed(page, report),
        }
    }
}

/// The target's name, then one line per verdict: used if the columns do not fit side by side.
fn listed(page: &mut Page, report: &Report) {
    page.wrapped("  ", "    ", &report.label());
    let required = match Required::of(report) {
        Required::Nothing => "is required",
        Required::Met | Required::NotMet => "what is required",
    };
    line(page, &Cell::required(report), required);
    let mut lots: Vec<(Cell, Vec<String>)> = Vec::new();
    for protocol in sections::protocols(std::slice::from_ref(report)) {
        let cell = Cell::of(report, protocol);
        let name = format!("{}{}", protocol.id(), cell.star);
        match lots.iter_mut().find(|(known, _)| known.word == cell.word) {
            Some((_, names)) => names.push(name),
            None => lots.push((cell, vec![name])),
        }
    }
    for (cell, names) in lots {
        line(page, &cell, &names.join(" "));
    }
}

fn line(page: &mut Page, cell: &Cell, told: &str) {
    let Cell { word, style, .. } = cell;
    let before = format!("    {word:<8}  ");
    let lines = page.lines(&before, &" ".repeat(before.len()), told);
    page.push(&lines.replacen(word.as_str(), &format!("{style}{word}{style:#}"), 1));
}

/// A word in colour, with a star if it is required by name.
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
            CellMark::None => ("-".to_owned(), Style::new()),
            CellMark::All(Verdict::Allowed) => ("ok".to_owned(), colour(Verdict::Allowed)),
            CellMark::ByProxy => (endpoint::word(Route::Proxy).to_owned(), colour(Verdict::Allowed)),
            CellMark::All(Verdict::Unknown) => ("?".to_owned(), colour(Verdict::Unknown)),
            CellMark::All(verdict) => (text::verdict(verdict).to_owned(), colour(verdict)),
            CellMark::Some(allowed, all) => (format!("{allowed}/{all} ok"), AnsiColor::Yellow.on_default()),
        };
        let mut of_it = report.checks().filter(|check| check.observations.protocol == protocol);
        let star = if of_it.any(|check| report.requires(check)) { "*" } else { "" };
        Self { word, style, star }
    }

    fn width(&self) -> usize {
        self.word.len() + self.star.len()
    }

    /// Padding ignores the colour: escapes have no width.
    fn padded(&self, width: usize) -> String {
        let Self { word, style, star } = self;
        format!("{style}{word}{style:#}{star}{}", " ".repeat(width.saturating_sub(self.width())))
    }
}
