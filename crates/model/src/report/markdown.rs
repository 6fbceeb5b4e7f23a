//! The report as Markdown (CommonMark, and GitHub's tables), for wikis, issues and merge requests.

use std::fmt::Write as _;

use super::{
    Audit, Check, Concerned, Report, Summary,
    audit::phrases::{effect, for_whom, of_whom},
    endpoint::{self, Tested},
    index::Index,
    markdown_text::{escaped, row, verdict},
    plan, proxy, sections,
    text::{self, located},
};
use crate::{diagnosis::Finding, hub::Protocol};

pub(super) fn render(report: &Report) -> String {
    let mut out = String::new();
    hub(&mut out, report, "#");
    out
}

pub(super) fn audit(Audit { summary, reports }: &Audit) -> String {
    let mut out = String::new();
    let title = match &summary.title {
        Some(title) => escaped(title),
        None => format!("Connectivity of {}", text::count(summary.planned, "hub")),
    };
    let _ = writeln!(out, "# {title}\n\n**{}.**", summary.answer());
    if let Some(lacking) = summary.lacking() {
        let _ = writeln!(out, "\n**{lacking}**");
    }
    let pace = summary.pace();
    if !pace.is_empty() {
        let _ = writeln!(out, "\n{}", escaped(&pace.join(" ")));
    }
    if let Some(changes) = &summary.changes {
        let _ = write!(out, "\n{}", changes.markdown_section());
    }
    actions(&mut out, summary);
    if !reports.is_empty() {
        matrix(&mut out, reports);
    }
    for report in reports.iter().filter(|report| !sections::is_well(report)) {
        out.push('\n');
        hub(&mut out, report, "##");
    }
    let well: Vec<String> = reports
        .iter()
        .filter(|report| sections::is_well(report))
        .map(|report| escaped(&report.label_and_host()))
        .collect();
    if !well.is_empty() {
        let _ = writeln!(out, "\n## Everything that was tested is allowed\n\n{}", well.join(", "));
    }
    let _ = writeln!(out, "\n## Signature\n");
    row(&mut out, ["name", "date", "signature"]);
    row(&mut out, ["---"; 3]);
    row(&mut out, ["&nbsp;"; 3]);
    out
}

/// The actions that help most come first.
fn actions(out: &mut String, summary: &Summary) {
    if !summary.actions.is_empty() {
        let _ = writeln!(out, "\n## What to do\n");
    }
    for (action, number) in summary.actions.iter().zip(1..) {
        let (whom, effect) = (escaped(&for_whom(action)), effect(action));
        let what = match &action.first_step {
            Some(first) => format!("{} Then: {}", escaped(first), escaped(&action.what)),
            None => escaped(&action.what),
        };
        let _ = writeln!(out, "{number}. {what} For {whom}: {effect}{}.", escaped(&of_whom(action, usize::MAX)));
    }
    if !summary.unexplained.is_empty() {
        let _ = writeln!(out, "\n## Stopped without a known cause\n");
    }
    for Concerned { host, name, checks } in &summary.unexplained {
        let checks: Vec<String> = checks.iter().map(|id| escaped(id.as_str())).collect();
        let _ = writeln!(out, "- {}: {}", escaped(name.as_ref().unwrap_or(host)), checks.join(", "));
    }
}

/// One row per target, one column per protocol.
fn matrix(out: &mut String, reports: &[Report]) {
    let _ = writeln!(out, "\n## Targets\n");
    let protocols = sections::protocols(reports);
    let labels: Vec<&str> = protocols.iter().map(|protocol| protocol.label()).collect();
    let keys = plan::keys(reports);
    row(out, ["hub"].into_iter().chain(keys.clone()).chain(["required"]).chain(labels));
    row(out, (0..keys.len() + protocols.len() + 2).map(|_| "---"));
    for report in reports {
        let verdicts = protocols.iter().map(|protocol| verdicts(report, *protocol));
        let spec = &report.observations.requirement;
        let required =
            if report.diagnosis.requirement_met { format!("{spec}: met") } else { format!("{spec}: **NOT met**") };
        let values = keys.iter().map(|key| escaped(&report.planned(key)));
        let cells =
            [escaped(&report.observations.hub.host)].into_iter().chain(values).chain([required]).chain(verdicts);
        row(out, cells);
    }
}

fn verdicts(report: &Report, protocol: Protocol) -> String {
    let checks = report.checks().filter(|check| check.observations.protocol == protocol);
    let has_both = Tested::of(report) == Tested::Both;
    let told = |check: Check<'_>| match has_both {
        true => format!("{} {}", endpoint::word(check.observations.route), verdict(check.verdict)),
        false => verdict(check.verdict),
    };
    let verdicts: Vec<String> = checks.map(told).collect();
    if verdicts.is_empty() { "-".to_owned() } else { verdicts.join(", ") }
}

fn hub(out: &mut String, report: &Report, heading: &str) {
    let _ = writeln!(out, "{heading} {}\n", escaped(&report.label_and_host()));
    let from =
        report.observations.vantage.host.as_deref().map(|host| format!(" from {}", escaped(host))).unwrap_or_default();
    let (at, tool) =
        (escaped(&report.observations.started_at), escaped(&format!("{} {}", report.tool.name, report.tool.version)));
    let _ = writeln!(out, "Checked{from} at {at} by {tool}.\n");
    for (key, value) in plan::besides(report) {
        let _ = writeln!(out, "{key}: {}\n", escaped(&value));
    }
    for line in proxy::lines(report) {
        let _ = writeln!(out, "- {}", escaped(&line));
    }
    if report.observations.proxy.is_some() {
        out.push('\n');
    }
    let has_route = Tested::of(report) != Tested::Direct;
    let route = |cell: &str| has_route.then(|| cell.to_owned());
    let columns = |[verdict, protocol, port, rest @ ..]: [&str; 5], column: &str| {
        [verdict, protocol, port].map(str::to_owned).into_iter().chain(route(column)).chain(rest.map(str::to_owned))
    };
    row(out, columns(["verdict", "protocol", "port", "time", "result"], "route"));
    row(out, columns(["---", "---", "---:", "---:", "---"], "---"));
    for check in sections::sorted(report) {
        let cells = cells(check);
        row(out, columns(cells.each_ref().map(String::as_str), endpoint::word(check.observations.route)));
    }
    for limit in sections::limits(report) {
        let _ = writeln!(out, "\n{}", escaped(&limit));
    }
    advice(out, report);
    let (causes, notes) = sections::causes_and_notes(report);
    let index = Index::of(report);
    for (at, finding) in causes.iter().enumerate() {
        cause(out, &format!("{heading}# {}.", at + 1), finding, &index);
    }
    if !notes.is_empty() {
        out.push('\n');
    }
    for note in notes {
        let _ = writeln!(out, "- Note: {}.", escaped(&sections::note(note, &index)));
    }
}

fn cells(check: Check<'_>) -> [String; 5] {
    [
        verdict(check.verdict),
        check.observations.protocol.label().to_owned(),
        check.observations.port.to_string(),
        sections::millis(check).map(|millis| escaped(&text::duration(millis))).unwrap_or_default(),
        escaped(check.summary),
    ]
}

fn advice(out: &mut String, report: &Report) {
    if let Some(proxy) = sections::proxy(report) {
        let _ = writeln!(out, "\n{}", escaped(&proxy));
    }
    let Some((recommendation, used)) = report.diagnosis.recommendation.as_ref().zip(sections::used(report)) else {
        let _ = writeln!(out, "\n**{}**", sections::nothing(report));
        return;
    };
    let _ = writeln!(out, "\n**{used}** {}", sections::advice(recommendation, escaped));
    let named = sections::named(&recommendation.settings);
    let named: Vec<String> = named.iter().map(|(sdk, setting)| format!("{sdk} {}", escaped(setting))).collect();
    if !named.is_empty() {
        let _ = writeln!(out, "\n{}.", named.join(", "));
    }
    let lines = sections::proxy_lines(recommendation);
    if !lines.is_empty() {
        out.push('\n');
    }
    for (sdk, line) in lines {
        let _ = writeln!(out, "- {sdk}: {}", escaped(&line));
    }
}

fn cause(out: &mut String, heading: &str, finding: &Finding, index: &Index<'_>) {
    let _ = writeln!(out, "\n{heading} {} ({})\n", escaped(&finding.title()), sections::weight(finding));
    let at = finding.location.as_ref().map(|at| format!(" Where: {}.", escaped(&located(at)))).unwrap_or_default();
    let _ = writeln!(out, "Affects {}.{at}", escaped(&index.affected(&finding.affects)));
    let evidence = finding.evidence();
    if !evidence.is_empty() {
        out.push('\n');
    }
    for evidence in &evidence {
        let _ = writeln!(out, "- {}", escaped(evidence));
    }
    if let Some(others) = sections::alternatives(finding) {
        let _ = writeln!(out, "\nIt could also be: {others}.");
    }
    match index.root(finding) {
        Some(root) => _ = writeln!(out, "\nIt follows from: {}.", root.code),
        None => {
            for (lead, what) in sections::actions(finding) {
                let _ = writeln!(out, "\n**{lead}:** {}", escaped(&what));
            }
        }
    }
    let _ = writeln!(out, "\nMore: `hubreach explain {}`", finding.code);
}
