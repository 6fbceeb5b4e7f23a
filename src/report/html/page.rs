//! The page: what the template fills in. Every text in it has been through [`shown`].

use askama::Template;

use super::{
    Report,
    cell::{Cell, cells},
    parts,
    text::{self, count, owner, place, shown},
};
use crate::diagnosis::{Finding, Severity, Verdict};

#[derive(Template)]
#[template(path = "report.html")]
pub(super) struct Page {
    title: String,
    /// Where, when and with what it was made.
    made: String,
    tally: Vec<Tally>,
    /// Whether every hub's requirement is met.
    met: bool,
    requirement: String,
    actions: Vec<Action>,
    columns: Vec<&'static str>,
    hubs: Vec<Hub>,
}

/// How many checks came to a verdict.
struct Tally {
    class: &'static str,
    word: &'static str,
    number: usize,
}

/// Something to do, and how many checks it concerns.
struct Action {
    what: String,
    owner: &'static str,
    checks: usize,
}

/// A hub's row, and its causes below the table.
struct Hub {
    host: String,
    addresses: String,
    /// Of a report, where there are several: each was made on its own.
    made: String,
    met: bool,
    cells: Vec<Vec<Cell>>,
    limits: Vec<String>,
    advice: Advice,
    causes: Vec<Cause>,
    notes: Vec<String>,
}

struct Advice {
    used: String,
    reason: String,
    settings: Vec<(&'static str, String)>,
}

struct Cause {
    anchor: String,
    number: usize,
    title: String,
    class: &'static str,
    weight: String,
    affected: String,
    place: Option<String>,
    evidence: Vec<String>,
    alternatives: Option<String>,
    /// The code of the cause that it follows from.
    root: Option<&'static str>,
    owner: &'static str,
    fix: String,
    code: &'static str,
}

impl Page {
    pub(super) fn new(reports: &[Report]) -> Self {
        let columns = parts::protocols(reports);
        let title = match reports {
            [one] => shown(&one.hub.host),
            reports => count(reports.len(), "hub"),
        };
        let is_met = |report: &&Report| report.requirement.met;
        let not_met = reports.iter().filter(|report| !is_met(report)).count();
        Self {
            title,
            made: reports.first().map(made).unwrap_or_default(),
            tally: tally(reports),
            met: not_met == 0,
            requirement: match (reports, not_met) {
                ([one], _) => parts::required(one),
                (_, 0) => "What is required is met for every hub.".to_owned(),
                (all, some) => format!("What is required is NOT met for {some} of {}.", count(all.len(), "hub")),
            },
            actions: actions(reports),
            hubs: reports.iter().enumerate().map(|(at, report)| hub(at, report, &columns)).collect(),
            columns: columns.iter().map(|protocol| protocol.label()).collect(),
        }
    }
}

/// The class of a verdict in the page's style.
pub(super) fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allowed => "allowed",
        Verdict::Declined => "declined",
        Verdict::Blocked => "blocked",
        Verdict::Unknown => "unknown",
    }
}

/// Where a cause stands on the page.
pub(super) fn anchor(hub: usize, finding: &Finding) -> String {
    // An id from a file is text like any other; only letters and digits stay.
    let id: String = finding.id.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("h{hub}-{id}")
}

fn made(report: &Report) -> String {
    let from = report.vantage.host.as_deref().map(|host| format!("from {} ", shown(host))).unwrap_or_default();
    let tool = format!("{} {}", shown(&report.tool.name), shown(&report.tool.version));
    format!("Checked {from}at {} by {tool}.", shown(&report.started_at))
}

fn tally(reports: &[Report]) -> Vec<Tally> {
    let all = reports.iter().flat_map(|report| &report.checks);
    let of = |verdict| Tally {
        class: class(verdict),
        word: text::verdict(verdict),
        number: all.clone().filter(|check| check.verdict == verdict).count(),
    };
    let tally = [Verdict::Allowed, Verdict::Blocked, Verdict::Declined, Verdict::Unknown].map(of);
    tally.into_iter().filter(|tally| tally.number > 0).collect()
}

/// What concerns the most comes first; a symptom is mended with its cause.
fn actions(reports: &[Report]) -> Vec<Action> {
    let mut actions: Vec<Action> = Vec::new();
    for finding in reports.iter().flat_map(|report| &report.findings) {
        if finding.severity != Severity::Error || finding.depends_on.is_some() {
            continue;
        }
        let (what, owner, checks) = (shown(&finding.fix), owner(finding.owner), finding.affects.len());
        match actions.iter_mut().find(|action| action.what == what && action.owner == owner) {
            Some(action) => action.checks += checks,
            None => actions.push(Action { what, owner, checks }),
        }
    }
    actions.sort_by_key(|action| std::cmp::Reverse(action.checks));
    actions
}

fn hub(at: usize, report: &Report, columns: &[crate::target::Protocol]) -> Hub {
    let addresses: Vec<String> = report.resolution.addresses.iter().map(ToString::to_string).collect();
    let (causes, notes) = parts::causes_and_notes(report);
    let causes = causes.into_iter().enumerate().map(|(number, finding)| cause(at, number + 1, finding, report));
    Hub {
        host: shown(&report.hub.host),
        addresses: addresses.join(", "),
        made: made(report),
        met: report.requirement.met,
        cells: columns.iter().map(|protocol| cells(at, report, *protocol)).collect(),
        limits: parts::limits(report),
        advice: advice(report),
        causes: causes.collect(),
        notes: notes.into_iter().map(|note| shown(&note.title)).collect(),
    }
}

fn advice(report: &Report) -> Advice {
    match &report.recommendation {
        None => Advice { used: parts::nothing(report).to_owned(), reason: String::new(), settings: Vec::new() },
        Some(recommendation) => Advice {
            used: format!("Use {}.", recommendation.protocol.label()),
            reason: shown(&recommendation.reason),
            settings: parts::named(&recommendation.settings),
        },
    }
}

fn cause(hub: usize, number: usize, finding: &Finding, report: &Report) -> Cause {
    Cause {
        anchor: anchor(hub, finding),
        number,
        title: shown(&finding.title),
        class: if finding.severity == Severity::Warning { "warning" } else { "error" },
        weight: parts::weight(finding),
        affected: parts::affected(report, &finding.affects),
        place: finding.location.as_ref().map(place),
        evidence: finding.evidence.iter().map(|line| shown(line)).collect(),
        alternatives: parts::alternatives(finding),
        root: parts::root(report, finding).map(|root| root.code.id()),
        owner: owner(finding.owner),
        fix: shown(&finding.fix),
        code: finding.code.id(),
    }
}
