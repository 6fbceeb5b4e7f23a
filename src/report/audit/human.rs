//! The audit for a person at a terminal: the answer first, then the table, then what would help most, then why each target is
//! not ready. Readable without colour, in 80 columns, and no longer than hundreds of targets make it worth.

use std::{collections::BTreeSet, fmt::Write as _};

use anstyle::Style;

use super::{
    Audit, table, warnings,
    words::{effect, for_whom},
};
use crate::{
    diagnosis::{Verdict, scope::some},
    report::{
        Report,
        human::colour,
        index::Index,
        parts,
        text::{self, count, shown, wrapped},
        ticket,
    },
    target::CheckId,
};

const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();

/// The most actions: these mend the most.
const MOST_ACTIONS: usize = 5;
/// The most lots of targets whose causes are told.
const MOST_REASONS: usize = 20;

pub(super) fn render(audit: &Audit) -> String {
    let mut out = String::new();
    headline(&mut out, audit);
    table::write(&mut out, audit);
    changes(&mut out, audit);
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

/// Against the run before.
fn changes(out: &mut String, audit: &Audit) {
    if let Some(changes) = &audit.summary.changes {
        let _ = write!(out, "\n{BOLD}What changed{BOLD:#}\n{}", changes.human());
    }
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
    let mut lots: Vec<(String, Vec<Trouble>, Vec<&Report>)> = Vec::new();
    for report in audit.not_ready() {
        let (required, troubles) = (parts::required(report), troubles(report));
        match lots.iter_mut().find(|(lacking, known, _)| *lacking == required && *known == troubles) {
            Some((_, _, reports)) => reports.push(report),
            None => lots.push((required, troubles, vec![report])),
        }
    }
    for (required, troubles, reports) in lots.iter().take(MOST_REASONS) {
        out.push('\n');
        let labels: Vec<String> = reports.iter().map(|report| report.label_and_host()).collect();
        wrapped(out, "", "  ", &format!("{}  {required}", some(&labels)));
        said(out, "Contact: ", "contact", reports);
        said(out, "Note: ", "note", reports);
        for trouble in troubles {
            trouble.write(out);
        }
    }
    let untold: usize = lots.iter().skip(MOST_REASONS).map(|(_, _, reports)| reports.len()).sum();
    if untold > 0 {
        let _ = writeln!(out, "\nThe causes of {} are told by `--output FILE.html`.", count(untold, "more target"));
    }
}

/// What the plan says of these under a key, each once.
fn said(out: &mut String, before: &str, key: &str, reports: &[&Report]) {
    let said: BTreeSet<String> =
        reports.iter().map(|report| report.planned(key)).filter(|said| !said.is_empty()).collect();
    if !said.is_empty() {
        wrapped(out, &format!("  {before}"), "    ", &some(&said.into_iter().collect::<Vec<_>>()));
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
