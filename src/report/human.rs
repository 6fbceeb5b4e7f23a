//! The report for a person at a terminal: the answer first, then what to use, then why, then what to do. Readable without
//! colour, in 80 columns.

use std::{collections::BTreeSet, fmt::Write as _, net::IpAddr};

use anstyle::{AnsiColor, Style};
use textwrap::core::display_width;

use super::{
    Check, Report,
    text::{WIDTH, owner, place, shown, wrapped},
};
use crate::{
    diagnosis::{Confidence, Finding, Severity, Verdict},
    observation::{Attempt, Outcome},
    target::{CheckId, Depth, Requirement},
};

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
    let mut checks: Vec<&Check> = report.checks.iter().collect();
    checks.sort_by_key(|check| (rank(check.verdict), check.seen.protocol, check.seen.route, check.seen.port));
    for check in checks {
        let (word, style) = verdict(check.verdict);
        let before =
            format!("  {word:<8}  {:<19}{:>6}  {:>8}  ", check.seen.protocol.label(), check.seen.port, duration(check));
        let mut lines = String::new();
        wrapped(&mut lines, &before, &" ".repeat(before.len()), &shown(&check.summary));
        // Coloured only after wrapping: an escape has no width.
        out.push_str(&lines.replacen(word, &format!("{style}{word}{style:#}"), 1));
    }
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Allowed => 0,
        Verdict::Declined => 1,
        Verdict::Blocked => 2,
        Verdict::Unknown => 3,
    }
}

fn verdict(verdict: Verdict) -> (&'static str, Style) {
    match verdict {
        Verdict::Allowed => ("allowed", AnsiColor::Green.on_default()),
        Verdict::Declined => ("DECLINED", AnsiColor::Yellow.on_default().bold()),
        Verdict::Blocked => ("BLOCKED", AnsiColor::Red.on_default().bold()),
        Verdict::Unknown => ("unknown", AnsiColor::Yellow.on_default()),
    }
}

/// How long the fastest success took; else how long was tried. Units are aligned.
fn duration(check: &Check) -> String {
    if check.seen.attempts.is_empty() {
        return "-   ".to_owned();
    }
    let succeeded = check.seen.attempts.iter().filter_map(time_to_answer).min_by(f64::total_cmp);
    let millis = succeeded.unwrap_or(check.seen.duration_ms);
    match millis {
        millis if millis < 0.5 => "<1 ms".to_owned(),
        millis if millis < 1000.0 => format!("{millis:.0} ms"),
        millis => format!("{:.1} s ", millis / 1000.0),
    }
}

/// The time of all stages together, where none of them failed.
fn time_to_answer(attempt: &Attempt) -> Option<f64> {
    let upgrade = attempt.upgrade.as_ref().map(|rung| (rung.outcome(), rung.duration_ms()));
    let stages = [
        Some((attempt.connect.outcome(), attempt.connect.duration_ms())),
        Some((attempt.tls.outcome(), attempt.tls.duration_ms())),
        upgrade,
        Some((attempt.exchange.outcome(), attempt.exchange.duration_ms())),
    ];
    let mut reached = stages.into_iter().flatten().filter(|(outcome, _)| *outcome != Outcome::NotReached);
    reached.try_fold(0.0, |sum, (outcome, millis)| (outcome == Outcome::Ok).then(|| sum + millis.unwrap_or_default()))
}

/// What keeps the report from being complete.
fn limits(out: &mut String, report: &Report) {
    let depth = match report.depth {
        Depth::Connect => Some("Checked to the TCP handshake only (--depth connect): allowed means no more than that."),
        Depth::Tls => Some("Checked to the TLS handshake only (--depth tls): allowed means no more than that."),
        Depth::Exchange => None,
    };
    let partial = report.partial.then_some("Interrupted: this is what was seen until then.");
    let deadline =
        report.deadline_reached.then_some("The deadline came before everything was seen; try a longer --timeout.");
    let required = (report.requirement.spec != Requirement::Any).then(|| {
        let met = if report.requirement.met { "met" } else { "NOT met" };
        format!("Required: {} - {met}.", report.requirement.spec)
    });
    let left_out = left_out(report);
    let lines: Vec<&str> =
        [depth, partial, deadline, left_out.as_deref(), required.as_deref()].into_iter().flatten().collect();
    if !lines.is_empty() {
        out.push('\n');
    }
    for line in lines {
        wrapped(out, "", "", line);
    }
}

/// Keeps a line from breaking inside `text`; [`wrapped`] writes the spaces as they were.
fn whole(text: &str) -> String {
    text.replace(' ', "\u{a0}")
}

fn left_out(report: &Report) -> Option<String> {
    let tried: BTreeSet<IpAddr> =
        report.checks.iter().flat_map(|check| &check.seen.attempts).map(|attempt| attempt.address).collect();
    let (tried, found) = (tried.len(), report.resolution.addresses.len());
    // None at all were tried where the run ended first.
    (0 < tried && tried < found).then(|| format!("{tried} of the {found} addresses were tried (--all-addresses)."))
}

fn advice(out: &mut String, report: &Report) {
    out.push('\n');
    let Some(recommendation) = &report.recommendation else {
        let stopped = report.checks.iter().all(|check| check.verdict == Verdict::Blocked);
        let words = if stopped { "Nothing is allowed here." } else { "Nothing is known to be allowed here." };
        let _ = writeln!(out, "{BOLD}{words}{BOLD:#}");
        return;
    };
    let mut lines = String::new();
    let used = format!("Use {}.", recommendation.protocol.label());
    wrapped(&mut lines, "", "", &format!("{used} {}", shown(&recommendation.reason)));
    out.push_str(&lines.replacen(&used, &format!("{BOLD}{used}{BOLD:#}"), 1));
    let settings = &recommendation.settings;
    let named = [
        (".NET", &settings.dotnet),
        ("Java", &settings.java),
        ("Python", &settings.python),
        ("Node", &settings.node),
        ("IoT Edge", &settings.iot_edge),
    ];
    let named: Vec<String> = named
        .into_iter()
        .filter_map(|(sdk, setting)| Some(whole(&format!("{sdk} {}", shown(setting.as_deref()?)))))
        .collect();
    if !named.is_empty() {
        wrapped(out, "  ", "  ", &format!("{}.", named.join(", ")));
    }
}

fn reasons(out: &mut String, report: &Report) {
    let (notes, causes): (Vec<&Finding>, Vec<&Finding>) =
        report.findings.iter().partition(|finding| finding.severity == Severity::Info);
    for (at, finding) in causes.iter().enumerate() {
        out.push('\n');
        reason(out, at + 1, finding, report);
    }
    if !notes.is_empty() {
        out.push('\n');
    }
    for note in notes {
        wrapped(out, "Note: ", "      ", &format!("{}.", shown(&note.title)));
    }
}

fn reason(out: &mut String, number: usize, finding: &Finding, report: &Report) {
    let before = format!("{number}. ");
    let indent = " ".repeat(before.len());
    let sure = match finding.confidence {
        Confidence::Confirmed => "confirmed",
        Confidence::Likely => "likely",
        Confidence::Possible => "possible",
    };
    let warning = if finding.severity == Severity::Warning { "warning, " } else { "" };
    let title = shown(&finding.title);
    let mut lines = String::new();
    wrapped(&mut lines, &before, &indent, &format!("{title} ({warning}{sure})"));
    let _ = writeln!(out, "{BOLD}{}{BOLD:#}", lines.trim_end());
    let at = finding.location.as_ref().map(|at| format!(" Where: {}.", place(at))).unwrap_or_default();
    wrapped(out, &indent, &indent, &format!("Affects {}.{at}", affected(report, &finding.affects)));
    for evidence in &finding.evidence {
        let bullet = format!("{indent}- ");
        wrapped(out, &bullet, &format!("{indent}  "), &shown(evidence));
    }
    if !finding.alternatives.is_empty() {
        let others: Vec<&str> = finding.alternatives.iter().map(|code| code.id()).collect();
        wrapped(out, &indent, &indent, &format!("It could also be: {}.", others.join(", ")));
    }
    let cause = finding.depends_on.as_ref().and_then(|id| report.findings.iter().find(|other| other.id == *id));
    if let Some(cause) = cause {
        // What mends the cause mends this too.
        return wrapped(out, &indent, &indent, &format!("It follows from: {}.", cause.code));
    }
    wrapped(out, &format!("{indent}To do, for {}: ", owner(finding.owner)), &indent, &shown(&finding.fix));
}

/// The checks by name, with the port where a hub offers one protocol on several.
fn affected(report: &Report, ids: &[CheckId]) -> String {
    if ids.len() > 1 && report.checks.iter().all(|check| ids.contains(&check.seen.id)) {
        return "every protocol".to_owned();
    }
    let named = ids.iter().map(|id| {
        let Some(check) = report.checks.iter().find(|check| check.seen.id == *id) else { return shown(id.as_str()) };
        let (protocol, port) = (check.seen.protocol, check.seen.port);
        let is_alone = report.checks.iter().filter(|other| other.seen.protocol == protocol).count() == 1;
        if is_alone { protocol.label().to_owned() } else { format!("{} on {port}", protocol.label()) }
    });
    named.collect::<Vec<_>>().join(", ")
}

fn more(out: &mut String, report: &Report) {
    let mut codes: Vec<&str> = Vec::new();
    for finding in report.findings.iter().filter(|finding| finding.severity != Severity::Info) {
        if !codes.contains(&finding.code.id()) {
            codes.push(finding.code.id());
        }
    }
    if codes.is_empty() {
        return;
    }
    out.push('\n');
    for code in codes {
        let _ = writeln!(out, "{DIM}More: hubreach explain {code}{DIM:#}");
    }
}
