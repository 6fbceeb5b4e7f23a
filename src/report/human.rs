//! The report for a person at a terminal: the answer first, then what to use, then why, then what to do. Readable without
//! colour, in 80 columns.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use textwrap::core::display_width;

use super::{
    Check, Report,
    index::Index,
    parts,
    text::{self, WIDTH, owner, place, shown, wrapped},
};
use crate::diagnosis::{Finding, Verdict};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

pub(super) fn render(report: &Report) -> String {
    let mut out = String::new();
    headline(&mut out, report);
    rows(&mut out, report);
    limits(&mut out, report);
    advice(&mut out, report);
    reasons(&mut out, report);
    more(&mut out, report);
    out
}

fn headline(out: &mut String, report: &Report) {
    let tried: Vec<String> = report.resolution.addresses.iter().map(ToString::to_string).collect();
    let addresses = match tried.as_slice() {
        [] => String::new(),
        [one] if *one == report.hub.host => String::new(),
        [one] => format!(" ({one})"),
        [first, rest @ ..] => format!(" ({first} and {} more)", rest.len()),
    };
    let from = report.vantage.host.as_ref().map(|host| format!("  from {}", shown(host))).unwrap_or_default();
    let host = shown(&report.hub.host);
    if display_width(&host) + addresses.len() + display_width(&from) <= WIDTH {
        let _ = writeln!(out, "{BOLD}{host}{BOLD:#}{addresses}{from}\n");
    } else {
        wrapped(out, "", "  ", &format!("{host}{addresses}{from}"));
        out.push('\n');
    }
}

fn rows(out: &mut String, report: &Report) {
    for check in parts::sorted(report) {
        let (word, style) = (text::verdict(check.verdict), colour(check.verdict));
        let before =
            format!("  {word:<8}  {:<19}{:>6}  {:>8}  ", check.seen.protocol.label(), check.seen.port, duration(check));
        let mut lines = String::new();
        wrapped(&mut lines, &before, &" ".repeat(before.len()), &shown(&check.summary));
        // Coloured only after wrapping: an escape has no width.
        out.push_str(&lines.replacen(word, &format!("{style}{word}{style:#}"), 1));
    }
}

pub(super) fn colour(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Allowed => AnsiColor::Green.on_default(),
        Verdict::Declined => AnsiColor::Yellow.on_default().bold(),
        Verdict::Blocked => AnsiColor::Red.on_default().bold(),
        Verdict::Unknown => AnsiColor::Yellow.on_default(),
    }
}

/// Units are aligned.
fn duration(check: &Check) -> String {
    let duration = parts::millis(check).map_or_else(|| "-   ".to_owned(), text::duration);
    if duration.ends_with(" s") { duration + " " } else { duration }
}

fn limits(out: &mut String, report: &Report) {
    let lines = parts::limits(report);
    if !lines.is_empty() {
        out.push('\n');
    }
    for line in lines {
        wrapped(out, "", "", &line);
    }
}

/// Keeps a line from breaking inside `text`; [`wrapped`] writes the spaces as they were.
fn whole(text: &str) -> String {
    text.replace(' ', "\u{a0}")
}

fn advice(out: &mut String, report: &Report) {
    out.push('\n');
    let Some(recommendation) = &report.recommendation else {
        let _ = writeln!(out, "{BOLD}{}{BOLD:#}", parts::nothing(report));
        return;
    };
    let mut lines = String::new();
    let used = format!("Use {}.", recommendation.protocol.label());
    wrapped(&mut lines, "", "", &format!("{used} {}", shown(&recommendation.reason)));
    out.push_str(&lines.replacen(&used, &format!("{BOLD}{used}{BOLD:#}"), 1));
    let named = parts::named(&recommendation.settings);
    let named: Vec<String> = named.into_iter().map(|(sdk, setting)| whole(&format!("{sdk} {setting}"))).collect();
    if !named.is_empty() {
        wrapped(out, "  ", "  ", &format!("{}.", named.join(", ")));
    }
}

fn reasons(out: &mut String, report: &Report) {
    let (causes, notes) = parts::causes_and_notes(report);
    let index = Index::of(report);
    for (at, finding) in causes.iter().enumerate() {
        out.push('\n');
        reason(out, at + 1, finding, &index);
    }
    if !notes.is_empty() {
        out.push('\n');
    }
    for note in notes {
        wrapped(out, "Note: ", "      ", &format!("{}.", shown(&note.title())));
    }
}

fn reason(out: &mut String, number: usize, finding: &Finding, index: &Index<'_>) {
    let before = format!("{number}. ");
    let indent = " ".repeat(before.len());
    let mut lines = String::new();
    wrapped(&mut lines, &before, &indent, &format!("{} ({})", shown(&finding.title()), parts::weight(finding)));
    let _ = writeln!(out, "{BOLD}{}{BOLD:#}", lines.trim_end());
    let at = finding.location.as_ref().map(|at| format!(" Where: {}.", place(at))).unwrap_or_default();
    wrapped(out, &indent, &indent, &format!("Affects {}.{at}", index.affected(&finding.affects)));
    for evidence in finding.evidence() {
        let bullet = format!("{indent}- ");
        wrapped(out, &bullet, &format!("{indent}  "), &shown(&evidence));
    }
    if let Some(others) = parts::alternatives(finding) {
        wrapped(out, &indent, &indent, &format!("It could also be: {others}."));
    }
    if let Some(cause) = index.root(finding) {
        // What mends the cause mends this too.
        return wrapped(out, &indent, &indent, &format!("It follows from: {}.", cause.code));
    }
    wrapped(out, &format!("{indent}To do, for {}: ", owner(finding.owner)), &indent, &shown(&finding.fix()));
}

fn more(out: &mut String, report: &Report) {
    let codes = parts::codes(report);
    if !codes.is_empty() {
        out.push('\n');
    }
    for code in codes {
        let _ = writeln!(out, "{DIM}More: hubreach explain {code}{DIM:#}");
    }
}
