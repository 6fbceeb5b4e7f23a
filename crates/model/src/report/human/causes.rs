//! What to do and why: for the most important cause, or for each.

use std::fmt::Write as _;

use crate::{
    diagnosis::{Code, Finding, Owner},
    report::{
        Report,
        answer::placed,
        endpoint::Tested,
        index::Index,
        screen::Page,
        sections,
        style::{BOLD, DIM},
        text::{located, owner, shown},
        ticket,
    },
};

/// Statements of evidence shown unless the user asks for all.
const MAX_EVIDENCE: usize = 3;
/// The same below the longer table of both routes.
const MAX_EVIDENCE_OF_BOTH: usize = 2;

/// The most important cause in full, the others in a line each.
pub(super) fn folded(page: &mut Page, report: &Report, index: &Index<'_>) {
    let chief = sections::chief(report);
    to_do(page, chief);
    // The table shows it.
    if let Some(chief) = chief.filter(|chief| chief.code != Code::ProxyRequired) {
        let most = if Tested::of(report) == Tested::Both { MAX_EVIDENCE_OF_BOTH } else { MAX_EVIDENCE };
        why(page, chief, most);
    }
    others(page, report, chief, index);
    if let Some(chief) = chief {
        page.styled(DIM, "", "  ", &format!("More: the same with -v, or: hubreach explain {}", chief.code));
    }
}

fn to_do(page: &mut Page, chief: Option<&Finding>) {
    let Some(chief) = chief else { return };
    page.part();
    let _ = writeln!(page, "{BOLD}To do{BOLD:#}");
    let first = chief.first_step();
    if let Some(first) = &first {
        page.wrapped("  ", "  ", &shown(first));
    }
    let what = shown(&chief.short_fix());
    let what = match chief.owner {
        Owner::Nobody | Owner::Operator => what,
        whose => {
            let request = if ticket::is_for_the_network(chief) { " (--format ticket prints the request)" } else { "" };
            let send = if first.is_some() { "Then send" } else { "Send" };
            format!("{send} to {}{request}: {what}", owner(whose))
        }
    };
    page.wrapped("  ", "  ", &what);
}

fn why(page: &mut Page, finding: &Finding, most: usize) {
    let _ = writeln!(page, "{BOLD}Why{BOLD:#}");
    for evidence in finding.evidence_in_short().iter().take(most) {
        page.wrapped("  - ", "    ", &shown(evidence));
    }
    if let Some(others) = sections::alternatives(finding) {
        page.wrapped("  ", "  ", &format!("It could also be: {others}."));
    }
}

/// Skips findings that are fixed with their cause, what a proxy carries instead, and the expected refusal of a login without credentials.
fn others(page: &mut Page, report: &Report, chief: Option<&Finding>, index: &Index<'_>) {
    let (causes, notes) = sections::causes_and_notes(report);
    let others = causes.into_iter().filter(|cause| chief != Some(cause) && index.root(cause).is_none());
    let is_told =
        |note: &&Finding| note.code != Code::AuthenticationRefused && !sections::is_carried_by_the_proxy(note, index);
    let notes = notes.into_iter().filter(is_told);
    let others = others.map(|cause| {
        format!("{}; {} ({}), for {}.", placed(cause), sections::weight(cause), cause.code, owner(cause.owner))
    });
    let caveats = report.diagnosis.recommendation.iter().flat_map(|recommended| &recommended.caveats);
    let lines: Vec<(&str, String)> = others
        .map(|line| ("Also: ", line))
        .chain(caveats.map(|caveat| ("Note: ", shown(caveat))))
        .chain(notes.map(|note| ("Note: ", format!("{}.", shown(&note.title())))))
        .collect();
    // Only headings separate the lines of a cause: with the table they fit 24 rows.
    if !lines.is_empty() && chief.is_none() {
        page.part();
    }
    for (before, line) in lines {
        page.wrapped(before, "      ", &line);
    }
}

/// Every cause in full, then the notes.
pub(super) fn unfolded(page: &mut Page, report: &Report, index: &Index<'_>) {
    let (causes, notes) = sections::causes_and_notes(report);
    for (at, finding) in causes.iter().enumerate() {
        page.part();
        cause(page, at + 1, finding, index);
    }
    if !notes.is_empty() {
        page.part();
    }
    for note in notes {
        page.wrapped("Note: ", "      ", &format!("{}.", shown(&sections::note(note, index))));
    }
    let codes = sections::codes(report);
    if !codes.is_empty() {
        page.part();
    }
    for code in codes {
        page.styled(DIM, "", "  ", &format!("More: hubreach explain {code}"));
    }
}

fn cause(page: &mut Page, number: usize, finding: &Finding, index: &Index<'_>) {
    let before = format!("{number}. ");
    let indent = " ".repeat(before.len());
    let title = format!("{} ({})", shown(&finding.title()), sections::weight(finding));
    page.styled(BOLD, &before, &indent, &title);
    let at = finding.location.as_ref().map(|at| format!(" Where: {}.", located(at))).unwrap_or_default();
    page.wrapped(&indent, &indent, &format!("Affects {}.{at}", index.affected(&finding.affects)));
    for evidence in finding.evidence() {
        page.wrapped(&format!("{indent}- "), &format!("{indent}  "), &shown(&evidence));
    }
    if let Some(others) = sections::alternatives(finding) {
        page.wrapped(&indent, &indent, &format!("It could also be: {others}."));
    }
    if let Some(cause) = index.root(finding) {
        // Fixing the cause fixes this too.
        return page.wrapped(&indent, &indent, &format!("It follows from: {}.", cause.code));
    }
    for (lead, what) in sections::actions(finding) {
        page.wrapped(&format!("{indent}{lead}: "), &indent, &shown(&what));
    }
}
