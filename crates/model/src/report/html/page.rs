//! The page: the values of the template. Every text in it has passed through [`shown`].

use askama::Template;

use super::{
    Report, Tool,
    cell::{Cell, anchor, cells},
    changes::Changes,
    index::Index,
    local_time,
    path::{self, Picture},
    proxy, sections,
    text::{self, count, located, shown},
};
use crate::{
    diagnosis::{Finding, Severity, Verdict},
    hub::{CheckId, Protocol},
    report::audit::{
        action::Action as AuditAction,
        matrix::Required,
        phrases::{effect, for_whom, of_whom},
        summary::Summary,
    },
};

#[derive(Template)]
#[template(path = "report.html")]
pub(super) struct Page {
    title: String,
    is_audit: bool,
    /// Where, when and with which program it was made.
    made: String,
    tally: Vec<Tally>,
    /// Whether the requirement is met.
    met: bool,
    requirement: String,
    /// What an audit did not test.
    lacking: Option<String>,
    /// The pace that the network sustained.
    pace: Vec<String>,
    /// What changed since the earlier run.
    changes: Option<Changes>,
    actions: Vec<Action>,
    /// Hubs, and their checks without a known cause.
    unexplained: Vec<(String, String)>,
    columns: Vec<&'static str>,
    hubs: Vec<Hub>,
    /// The hubs of an audit with nothing more to report.
    well: Vec<String>,
}

/// The number of checks with a verdict.
struct Tally {
    class: &'static str,
    word: &'static str,
    number: usize,
}

/// An action, its owner, and what it achieves.
struct Action {
    first: Option<String>,
    what: String,
    whom: String,
    effect: String,
    /// The hubs that it helps.
    hubs: String,
}

/// A protocol, and the hub's checks in it.
struct Column {
    label: &'static str,
    cells: Vec<Cell>,
}

/// A hub's row, and its causes below the table.
struct Hub {
    host: String,
    /// Its name in the plan.
    name: String,
    site: String,
    contact: String,
    note: String,
    addresses: String,
    /// The time of its report, if there are several: each has its own.
    made: String,
    is_well: bool,
    /// What it requires, and whether it has it: a class and a word.
    required: String,
    standing: (&'static str, &'static str),
    columns: Vec<Column>,
    limits: Vec<String>,
    advice: Advice,
    /// The proxy, and the settings of proxies that do not count.
    proxies: Vec<String>,
    /// Where on the path to the hub each port ends, and on that to a proxy that is not reached.
    paths: Vec<Picture>,
    causes: Vec<Cause>,
    notes: Vec<String>,
}

#[derive(Clone, PartialEq)]
struct Advice {
    /// A proxy that devices may have to use.
    proxy: Option<String>,
    used: String,
    reason: String,
    settings: Vec<(&'static str, String)>,
    /// How to give the proxy to each SDK.
    proxy_lines: Vec<(&'static str, String)>,
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
    /// In order, each after the words that introduce it.
    actions: Vec<(String, String)>,
    code: &'static str,
}

impl Page {
    pub(super) fn of_one(report: &Report) -> Self {
        let alone = std::slice::from_ref(report);
        Self {
            title: format!("Connectivity of {}", report.label_and_host()),
            made: made(report, &report.observations.started_at, &report.tool),
            is_audit: false,
            met: report.diagnosis.requirement_met,
            requirement: sections::required(report),
            lacking: None,
            ..Self::new(&Summary::of(alone, 1), alone)
        }
    }

    pub(super) fn new(summary: &Summary, reports: &[Report]) -> Self {
        let columns = sections::protocols(reports);
        // The cells of the table hold everything; for many hubs nothing is repeated.
        let say = if reports.len() > 1 { Finding::evidence_in_short } else { Finding::evidence };
        // Targets that are not ready come first; otherwise the plan's order stays.
        let mut sorted: Vec<&Report> = reports.iter().collect();
        sorted.sort_by_key(|report| (report.diagnosis.requirement_met, report.is_ready()));
        let title = match &summary.title {
            Some(title) => shown(title),
            None => format!("Connectivity of {}", count(summary.planned, "hub")),
        };
        Self {
            title,
            is_audit: true,
            made: reports.first().map(|first| made(first, &summary.started_at, &summary.tool)).unwrap_or_default(),
            tally: tally(reports),
            met: summary.met,
            requirement: format!("{}.", summary.answer()),
            lacking: summary.lacking(),
            pace: summary.pace().iter().map(|sentence| shown(sentence)).collect(),
            changes: summary.changes.as_ref().map(Changes::of),
            actions: summary.actions.iter().map(action).collect(),
            unexplained: unexplained(summary),
            well: reports.iter().filter(|report| sections::is_well(report)).map(Report::label_and_host).collect(),
            hubs: told_once(
                sorted.into_iter().enumerate().map(|(at, report)| hub(at, report, &columns, say)).collect(),
            ),
            columns: columns.iter().map(|protocol| protocol.label()).collect(),
        }
    }
}

fn made(report: &Report, at: &str, tool: &Tool) -> String {
    let from =
        report.observations.vantage.host.as_deref().map(|host| format!("from {} ", shown(host))).unwrap_or_default();
    let at = local_time::both(at, report.observations.vantage.utc_offset_minutes);
    format!("Checked {from}at {at} by {} {}.", shown(&tool.name), shown(&tool.version))
}

fn tally(reports: &[Report]) -> Vec<Tally> {
    let all = reports.iter().flat_map(|report| report.checks());
    let of = |verdict: Verdict| Tally {
        class: verdict.id(),
        word: text::verdict(verdict),
        number: all.clone().filter(|check| check.verdict == verdict).count(),
    };
    let tally = [Verdict::Allowed, Verdict::Blocked, Verdict::Declined, Verdict::Unknown].map(of);
    tally.into_iter().filter(|tally| tally.number > 0).collect()
}

fn action(action: &AuditAction) -> Action {
    Action {
        first: action.first_step.as_deref().map(shown),
        what: shown(&action.what),
        whom: for_whom(action),
        effect: effect(action),
        hubs: of_whom(action, usize::MAX),
    }
}

fn unexplained(summary: &Summary) -> Vec<(String, String)> {
    let told = |ids: &[CheckId]| ids.iter().map(|id| shown(id.as_str())).collect::<Vec<_>>().join(", ");
    summary
        .unexplained
        .iter()
        .map(|concerned| (shown(concerned.name.as_ref().unwrap_or(&concerned.host)), told(&concerned.checks)))
        .collect()
}

/// Repeated advice appears in full for its first hub, and in a word for the others.
fn told_once(mut hubs: Vec<Hub>) -> Vec<Hub> {
    let mut known: Vec<(Advice, String)> = Vec::new();
    for hub in hubs.iter_mut().filter(|hub| !hub.is_well && !hub.advice.reason.is_empty()) {
        let advice = Advice { proxy: None, ..hub.advice.clone() };
        match known.iter().find(|(one, _)| *one == advice) {
            Some((_, first)) => {
                hub.advice.reason = format!("As for {first}.");
                hub.advice.settings.clear();
            }
            None => known.push((advice, if hub.name.is_empty() { hub.host.clone() } else { hub.name.clone() })),
        }
    }
    hubs
}

/// How a cause's evidence is written.
type Say = fn(&Finding) -> Vec<String>;

fn hub(at: usize, report: &Report, columns: &[Protocol], say: Say) -> Hub {
    let addresses: Vec<String> = report.observations.resolution.addresses.iter().map(ToString::to_string).collect();
    let (causes, notes) = sections::causes_and_notes(report);
    let index = Index::of(report);
    let causes = causes.into_iter().enumerate().map(|(number, finding)| cause(at, number + 1, finding, &index, say));
    Hub {
        host: shown(&report.observations.hub.host),
        name: report.planned("name"),
        site: report.planned("site"),
        contact: report.planned("contact"),
        note: report.planned("note"),
        addresses: addresses.join(", "),
        made: made(report, &report.observations.started_at, &report.tool),
        is_well: sections::is_well(report),
        required: report.observations.requirement.to_string(),
        standing: standing(report),
        columns: columns
            .iter()
            .map(|protocol| Column { label: protocol.label(), cells: cells(at, report, &index, *protocol) })
            .collect(),
        limits: sections::limits(report),
        advice: advice(report),
        proxies: proxy::lines(report),
        paths: path::of_report(report),
        causes: causes.collect(),
        notes: notes.into_iter().map(|note| shown(&sections::note(note, &index))).collect(),
    }
}

fn standing(report: &Report) -> (&'static str, &'static str) {
    let required = Required::of(report);
    let class = match required {
        Required::Met => "allowed",
        Required::NotMet => "blocked",
        Required::Nothing => "unknown",
    };
    (class, required.word())
}

fn advice(report: &Report) -> Advice {
    match &report.diagnosis.recommendation {
        None => Advice {
            proxy: sections::proxy(report),
            used: sections::nothing(report).to_owned(),
            reason: String::new(),
            settings: Vec::new(),
            proxy_lines: Vec::new(),
        },
        Some(recommendation) => Advice {
            proxy: sections::proxy(report),
            used: sections::used(report).unwrap_or_default(),
            reason: sections::advice(recommendation, shown),
            settings: sections::named(&recommendation.settings),
            proxy_lines: sections::proxy_lines(recommendation),
        },
    }
}

fn cause(hub: usize, number: usize, finding: &Finding, index: &Index<'_>, say: Say) -> Cause {
    Cause {
        anchor: anchor(hub, finding),
        number,
        title: shown(&finding.title()),
        class: if finding.severity == Severity::Warning { "warning" } else { "error" },
        weight: sections::weight(finding),
        affected: index.affected(&finding.affects),
        place: finding.location.as_ref().map(located),
        evidence: say(finding).iter().map(|line| shown(line)).collect(),
        alternatives: sections::alternatives(finding),
        root: index.root(finding).map(|root| root.code.id()),
        actions: sections::actions(finding).into_iter().map(|(lead, what)| (lead, shown(&what))).collect(),
        code: finding.code.id(),
    }
}
