//! The audit for a terminal: the answer first, then the table, then the actions that help most, then why each target is
//! not ready. Readable without colour, and short even for hundreds of targets.

use std::{
    collections::{BTreeSet, HashSet},
    fmt::Write as _,
};

use super::{
    Audit,
    phrases::{effect, for_whom, of_whom},
    table, warnings,
};
use crate::{
    diagnosis::{Verdict, scope::shortened_list},
    hub::{CheckId, Protocol},
    report::{
        Check, Report, diff,
        endpoint::Tested,
        index::Index,
        screen::{Page, Screen},
        sections,
        style::{BOLD, DIM, colour},
        text::{self, count, shown},
        ticket,
    },
};

/// Actions listed, the most useful first.
const MAX_ACTIONS: usize = 5;
/// Hubs that an action names.
const MAX_HUBS: usize = 12;
/// Groups of targets whose causes are listed.
const MAX_REASONS: usize = 20;

pub(super) fn render(audit: &Audit, screen: Screen) -> String {
    let mut page = Page::new(screen);
    headline(&mut page, audit);
    table::write(&mut page, audit);
    changes(&mut page, audit);
    actions(&mut page, audit);
    reasons(&mut page, audit);
    warnings::write(&mut page, audit);
    page.into_text()
}

fn headline(page: &mut Page, audit: &Audit) {
    let summary = &audit.summary;
    let title = summary.title.as_ref().map(|title| format!("{}: ", shown(title))).unwrap_or_default();
    page.styled(BOLD, "", "  ", &format!("{title}{}.", summary.answer()));
    if let Some(lacking) = summary.lacking() {
        page.wrapped("", "  ", &lacking);
    }
    let pace = summary.pace();
    if !pace.is_empty() {
        page.wrapped("", "  ", &pace.join(" "));
    }
    if let Some(proxy) = audit.reports.iter().find_map(sections::proxy) {
        page.wrapped("", "  ", &proxy);
    }
    if let Some(first) = audit.reports.first() {
        let from =
            first.observations.vantage.host.as_deref().map(|host| format!(" from {}", shown(host))).unwrap_or_default();
        let took = text::duration(summary.duration_ms);
        page.wrapped("", "  ", &format!("Checked{from} at {}, in {took}.", shown(&summary.started_at)));
    }
}

/// Compared with the previous run.
fn changes(page: &mut Page, audit: &Audit) {
    if let Some(changes) = &audit.summary.changes {
        let _ = writeln!(page, "\n{BOLD}What changed{BOLD:#}");
        diff::human_section(page, changes);
    }
}

fn actions(page: &mut Page, audit: &Audit) {
    let actions = &audit.summary.actions;
    if actions.is_empty() {
        return;
    }
    let _ = writeln!(page, "\n{BOLD}What would help most{BOLD:#}");
    for (at, action) in actions.iter().take(MAX_ACTIONS).enumerate() {
        let before = format!("{}. ", at + 1);
        let indent = " ".repeat(before.len());
        match &action.first_step {
            Some(first) => {
                page.wrapped(&before, &indent, &shown(first));
                page.wrapped(&format!("{indent}Then: "), &indent, &shown(&action.what));
            }
            None => page.wrapped(&before, &indent, &shown(&action.what)),
        }
        let (whom, effect) = (for_whom(action), effect(action));
        page.wrapped(&indent, &indent, &format!("For {whom}: {effect}{}.", of_whom(action, MAX_HUBS)));
    }
    if actions.len() > MAX_ACTIONS {
        let more = count(actions.len() - MAX_ACTIONS, "more action");
        page.wrapped("", "  ", &format!("And {more}: `--output FILE.html` lists them all."));
    }
    if ticket::is_due(&audit.reports) {
        page.styled(DIM, "", "  ", "`--format ticket` prints the requests to send.");
    }
}

/// What stops the targets that are not ready. Targets that lack the same for the same reasons are grouped.
fn reasons(page: &mut Page, audit: &Audit) {
    let mut lots: Vec<(String, Vec<Trouble>, Vec<&Report>)> = Vec::new();
    for report in audit.not_ready() {
        let (required, troubles) = (sections::required(report), troubles(report));
        match lots.iter_mut().find(|(lacking, known, _)| *lacking == required && *known == troubles) {
            Some((_, _, reports)) => reports.push(report),
            None => lots.push((required, troubles, vec![report])),
        }
    }
    for (required, troubles, reports) in lots.iter().take(MAX_REASONS) {
        page.push("\n");
        let labels: Vec<String> = reports.iter().map(|report| report.label_and_host()).collect();
        page.wrapped("", "  ", &format!("{}  {required}", shortened_list(&labels)));
        said(page, "Contact: ", "contact", reports);
        said(page, "Note: ", "note", reports);
        for trouble in troubles {
            trouble.write(page);
        }
    }
    let untold: usize = lots.iter().skip(MAX_REASONS).map(|(_, _, reports)| reports.len()).sum();
    if untold > 0 {
        let more = count(untold, "more target");
        page.part();
        page.wrapped("", "  ", &format!("The causes of {more} are told by `--output FILE.html`."));
    }
}

/// The plan's values for a key among these, each once.
fn said(page: &mut Page, before: &str, key: &str, reports: &[&Report]) {
    let said: BTreeSet<String> =
        reports.iter().map(|report| report.planned(key)).filter(|said| !said.is_empty()).collect();
    if !said.is_empty() {
        page.wrapped(&format!("  {before}"), "    ", &shortened_list(&said.into_iter().collect::<Vec<_>>()));
    }
}

/// The checks of a target that are not allowed, for one reason.
#[derive(PartialEq, Eq)]
struct Trouble {
    verdict: Verdict,
    checks: String,
    why: String,
}

impl Trouble {
    fn write(&self, page: &mut Page) {
        let (word, style) = (text::verdict(self.verdict), colour(self.verdict));
        let before = format!("  {word:<8}  ");
        let lines = page.lines(&before, &" ".repeat(before.len()), &format!("{}: {}", self.checks, self.why));
        // Colour only after wrapping: escapes have no width.
        page.push(&lines.replacen(word, &format!("{style}{word}{style:#}"), 1));
    }
}

/// The checks that are not allowed, grouped by reason.
fn troubles(report: &Report) -> Vec<Trouble> {
    let mut lots: Vec<(Verdict, Vec<CheckId>, String)> = Vec::new();
    let index = Index::of(report);
    let standing = report.standing();
    let passes: HashSet<Protocol> = standing.iter().filter(|(.., ok)| *ok).map(|(protocol, ..)| *protocol).collect();
    let has_both = Tested::of(report) == Tested::Both;
    // What passes on another route is missing only if this one is required.
    let is_missing = |check: &Check<'_>| {
        let (protocol, route) = (check.observations.protocol, check.observations.route);
        !has_both || !passes.contains(&protocol) || report.observations.requirement.lacks(protocol, route, &standing)
    };
    let stopped = sections::sorted(report).into_iter().filter(|check| check.verdict != Verdict::Allowed);
    for check in stopped.filter(is_missing) {
        let code = index.causes(check).first().map(|cause| format!(" ({}, {})", cause.code, sections::weight(cause)));
        let why = format!("{}{}", shown(check.summary), code.unwrap_or_else(|| " (no known cause)".to_owned()));
        match lots.iter_mut().find(|(verdict, _, known)| *verdict == check.verdict && *known == why) {
            Some((_, ids, _)) => ids.push(check.observations.id.clone()),
            None => lots.push((check.verdict, vec![check.observations.id.clone()], why)),
        }
    }
    let troubles = lots.into_iter().map(|(verdict, ids, why)| Trouble { verdict, checks: index.affected(&ids), why });
    troubles.collect()
}
