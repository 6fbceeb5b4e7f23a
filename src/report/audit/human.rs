//! The audit for a person at a terminal: the answer first, then the table, then what would help most, then why each target is
//! not ready. Readable without colour, in 80 columns, and no longer than hundreds of targets make it worth.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use textwrap::core::display_width;

use super::{
    Audit,
    matrix::{Mark, is_required, mark},
    warnings,
    words::{effect, for_whom},
};
use crate::{
    diagnosis::{Verdict, scope::some},
    report::{
        Report,
        human::colour,
        index::Index,
        parts,
        text::{self, WIDTH, count, shown, wrapped},
        ticket,
    },
    target::{CheckId, Protocol},
};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// The most ready targets that are listed: what is well is not what people look for.
const MOST_READY: usize = 20;
/// The most actions: these mend the most.
const MOST_ACTIONS: usize = 5;
/// The most lots of targets whose causes are told.
const MOST_REASONS: usize = 20;
/// Columns of a protocol in the table: `DECLINED*` and a space.
const CELL: usize = 10;

pub(super) fn render(audit: &Audit) -> String {
    let mut out = String::new();
    headline(&mut out, audit);
    table(&mut out, audit);
    actions(&mut out, audit);
    reasons(&mut out, audit);
    warnings::write(&mut out, audit);
    out
}

fn headline(out: &mut String, audit: &Audit) {
    let summary = &audit.summary;
    let title = summary.title.as_ref().map(|title| format!("{}: ", shown(title))).unwrap_or_default();
    let mut lines = String::new();
    wrapped(&mut lines, "", "  ", &format!("{title}{}.", summary.answer()));
    let _ = writeln!(out, "{BOLD}{}{BOLD:#}", lines.trim_end());
    if let Some(lacking) = summary.lacking() {
        wrapped(out, "", "  ", &lacking);
    }
    let pace = summary.pace();
    if !pace.is_empty() {
        wrapped(out, "", "  ", &pace.join(" "));
    }
    if let Some(first) = audit.reports.first() {
        let from = first.vantage.host.as_deref().map(|host| format!(" from {}", shown(host))).unwrap_or_default();
        let took = text::duration(summary.duration_ms);
        wrapped(out, "", "  ", &format!("Checked{from} at {}, in {took}.", shown(&summary.started_at)));
    }
}

/// Each target a row, each protocol a column; first what is not ready.
fn table(out: &mut String, audit: &Audit) {
    let protocols = parts::protocols(&audit.reports);
    if protocols.is_empty() {
        return;
    }
    let (ready, not_ready): (Vec<&Report>, Vec<&Report>) =
        audit.reports.iter().partition(|report| report.requirement.met);
    let is_long = ready.len() > MOST_READY;
    let listed: Vec<&Report> = if is_long { not_ready.clone() } else { audit.reports.iter().collect() };
    let widest = listed.iter().map(|report| display_width(&shown(&report.hub.host))).max().unwrap_or_default();
    let name = (widest + 2).clamp(10, WIDTH - 2 - CELL * protocols.len());
    if !listed.is_empty() {
        let heads: String = protocols.iter().map(|protocol| format!("{:<CELL$}", protocol.id())).collect();
        let _ = writeln!(out, "\n{DIM}  {:name$}{}{DIM:#}", "", heads.trim_end());
    }
    section(out, "NOT ready", &not_ready, &protocols, name);
    match is_long {
        true => wrapped(out, "ready: ", "  ", &format!("{} targets, not listed here.", ready.len())),
        false => section(out, "ready", &ready, &protocols, name),
    }
    if listed.iter().any(|report| report.checks.iter().any(|check| is_required(report, check))) {
        let _ = writeln!(out, "{DIM}* required{DIM:#}");
    }
}

fn section(out: &mut String, title: &str, reports: &[&Report], protocols: &[Protocol], name: usize) {
    if !reports.is_empty() {
        let _ = writeln!(out, "{title}");
    }
    for report in reports {
        let host = shown(&report.hub.host);
        // Cells are told apart by their columns, so a name that is too long has a line of its own.
        match display_width(&host) < name {
            true => _ = write!(out, "  {host}{}", " ".repeat(name - display_width(&host))),
            false => {
                wrapped(out, "  ", "    ", &host);
                let _ = write!(out, "  {:name$}", "");
            }
        }
        let cells: Vec<String> = protocols.iter().map(|protocol| cell(report, *protocol)).collect();
        out.push_str(cells.concat().trim_end());
        out.push('\n');
    }
}

/// A verdict in colour, padded without it.
fn cell(report: &Report, protocol: Protocol) -> String {
    let (word, style) = match mark(report, protocol) {
        Mark::None => ("-".to_owned(), Style::new()),
        Mark::All(Verdict::Allowed) => ("ok".to_owned(), colour(Verdict::Allowed)),
        Mark::All(Verdict::Unknown) => ("?".to_owned(), colour(Verdict::Unknown)),
        Mark::All(verdict) => (text::verdict(verdict).to_owned(), colour(verdict)),
        Mark::Some(allowed, all) => (format!("{allowed}/{all} ok"), AnsiColor::Yellow.on_default()),
    };
    let mut of_it = report.checks.iter().filter(|check| check.seen.protocol == protocol);
    let star = if of_it.any(|check| is_required(report, check)) { "*" } else { "" };
    let padding = CELL.saturating_sub(word.len() + star.len());
    format!("{style}{word}{style:#}{star}{}", " ".repeat(padding))
}

fn actions(out: &mut String, audit: &Audit) {
    let actions = &audit.summary.actions;
    if actions.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{BOLD}What would help most{BOLD:#}");
    for (at, action) in actions.iter().take(MOST_ACTIONS).enumerate() {
        let before = format!("{}. ", at + 1);
        let indent = " ".repeat(before.len());
        wrapped(out, &before, &indent, &shown(&action.what));
        wrapped(out, &indent, &indent, &format!("For {}: {}.", for_whom(action), effect(action)));
    }
    if actions.len() > MOST_ACTIONS {
        let more = count(actions.len() - MOST_ACTIONS, "more action");
        let _ = writeln!(out, "And {more}: `--output FILE.html` lists them all.");
    }
    if ticket::is_due(&audit.reports) {
        let _ = writeln!(out, "{DIM}`--format ticket` prints the requests to send.{DIM:#}");
    }
}

/// What stops the targets that are not ready, those together that lack the same for the same reasons.
fn reasons(out: &mut String, audit: &Audit) {
    let mut lots: Vec<(String, Vec<Trouble>, Vec<&str>)> = Vec::new();
    for report in audit.not_ready() {
        let (host, required, troubles) = (report.hub.host.as_str(), parts::required(report), troubles(report));
        match lots.iter_mut().find(|(lacking, known, _)| *lacking == required && *known == troubles) {
            Some((_, _, hosts)) => hosts.push(host),
            None => lots.push((required, troubles, vec![host])),
        }
    }
    for (required, troubles, hosts) in lots.iter().take(MOST_REASONS) {
        out.push('\n');
        wrapped(out, "", "  ", &format!("{}  {required}", shown(&some(hosts))));
        for trouble in troubles {
            trouble.write(out);
        }
    }
    let untold: usize = lots.iter().skip(MOST_REASONS).map(|(_, _, hosts)| hosts.len()).sum();
    if untold > 0 {
        let _ = writeln!(out, "\nThe causes of {} are told by `--output FILE.html`.", count(untold, "more target"));
    }
}

/// What is not allowed of a target, for one reason.
#[derive(PartialEq, Eq)]
struct Trouble {
    verdict: Verdict,
    checks: String,
    why: String,
}

impl Trouble {
    fn write(&self, out: &mut String) {
        let (word, style) = (text::verdict(self.verdict), colour(self.verdict));
        let before = format!("  {word:<8}  ");
        let mut lines = String::new();
        wrapped(&mut lines, &before, &" ".repeat(before.len()), &format!("{}: {}", self.checks, self.why));
        // Coloured only after wrapping: an escape has no width.
        out.push_str(&lines.replacen(word, &format!("{style}{word}{style:#}"), 1));
    }
}

/// What is not allowed, checks with the same reason together.
fn troubles(report: &Report) -> Vec<Trouble> {
    let mut lots: Vec<(Verdict, Vec<CheckId>, String)> = Vec::new();
    let index = Index::of(report);
    for check in parts::sorted(report).into_iter().filter(|check| check.verdict != Verdict::Allowed) {
        let code = index.causes(check).first().map(|cause| format!(" ({}, {})", cause.code, parts::weight(cause)));
        let why = format!("{}{}", shown(&check.summary), code.unwrap_or_else(|| " (no known cause)".to_owned()));
        match lots.iter_mut().find(|(verdict, _, known)| *verdict == check.verdict && *known == why) {
            Some((_, ids, _)) => ids.push(check.seen.id.clone()),
            None => lots.push((check.verdict, vec![check.seen.id.clone()], why)),
        }
    }
    let told = lots.into_iter().map(|(verdict, ids, why)| Trouble { verdict, checks: index.affected(&ids), why });
    told.collect()
}
