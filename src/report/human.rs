//! The report for a person at a terminal: the answer first, then what to use, then why, then what to do. Readable without
//! colour, in 80 columns.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::{Check, Report, escape};
use crate::{
    diagnosis::{Confidence, Finding, Owner, Severity, Verdict},
    observation::{Attempt, Outcome},
    target::{Depth, Requirement},
};

const WIDTH: usize = 80;
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
    let from = report.vantage.host.as_ref().map(|host| format!("  from {}", escape(host))).unwrap_or_default();
    let host = escape(&report.hub.host);
    if host.len() + addresses.len() + from.len() <= WIDTH {
        let _ = writeln!(out, "{BOLD}{host}{BOLD:#}{addresses}{from}\n");
    } else {
        wrapped(out, "", "  ", &format!("{host}{addresses}{from}"));
        out.push('\n');
    }
}

fn rows(out: &mut String, report: &Report) {
    let mut checks: Vec<&Check> = report.checks.iter().collect();
    checks.sort_by_key(|check| rank(check.verdict));
    for check in checks {
        let (word, style) = verdict(check.verdict);
        let before =
            format!("  {word:<8}  {:<19}{:>6}  {:>8}  ", check.seen.protocol.label(), check.seen.port, duration(check));
        let mut lines = String::new();
        wrapped(&mut lines, &before, &" ".repeat(before.len()), &escape(&check.summary));
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
    if millis < 1000.0 { format!("{millis:.0} ms") } else { format!("{:.1} s ", millis / 1000.0) }
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
        Depth::Connect => Some("Checked to the TCP handshake only (--depth connect)."),
        Depth::Tls => Some("Checked to the TLS handshake only (--depth tls)."),
        Depth::Exchange => None,
    };
    let partial = report.partial.then_some("Interrupted: this is what was seen until then.");
    let deadline =
        report.deadline_reached.then_some("The deadline came before everything was seen; try a longer --timeout.");
    let required = (report.requirement.spec != Requirement::Any).then(|| {
        let met = if report.requirement.met { "met" } else { "NOT met" };
        format!("Required: {} - {met}.", report.requirement.spec)
    });
    let lines: Vec<&str> = [depth, partial, deadline, required.as_deref()].into_iter().flatten().collect();
    if !lines.is_empty() {
        out.push('\n');
    }
    for line in lines {
        wrapped(out, "", "", line);
    }
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
    wrapped(&mut lines, "", "", &format!("{used} {}", recommendation.reason));
    out.push_str(&lines.replacen(&used, &format!("{BOLD}{used}{BOLD:#}"), 1));
    let settings = &recommendation.settings;
    let named = [
        (".NET", &settings.dotnet),
        ("Java", &settings.java),
        ("Python", &settings.python),
        ("Node", &settings.node),
        ("IoT Edge", &settings.iot_edge),
    ];
    let named: Vec<String> =
        named.into_iter().filter_map(|(sdk, setting)| Some(format!("{sdk} {}", setting.as_ref()?))).collect();
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
        wrapped(out, "Note: ", "      ", &format!("{}.", escape(&note.title)));
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
    let title = escape(&finding.title);
    let mut lines = String::new();
    wrapped(&mut lines, &before, &indent, &format!("{title} ({warning}{sure})"));
    let _ = writeln!(out, "{BOLD}{}{BOLD:#}", lines.trim_end());
    for evidence in &finding.evidence {
        let bullet = format!("{indent}- ");
        wrapped(out, &bullet, &format!("{indent}  "), &escape(evidence));
    }
    if !finding.alternatives.is_empty() {
        let others: Vec<&str> = finding.alternatives.iter().map(|code| code.id()).collect();
        wrapped(out, &indent, &indent, &format!("It could also be: {}.", others.join(", ")));
    }
    let cause = finding.depends_on.as_ref().and_then(|id| report.findings.iter().find(|other| other.id == *id));
    if let Some(cause) = cause {
        wrapped(out, &indent, &indent, &format!("It follows from: {}.", cause.code));
    }
    wrapped(out, &format!("{indent}To do, {}: ", owner(finding.owner)), &indent, &escape(&finding.fix));
}

fn owner(owner: Owner) -> &'static str {
    match owner {
        Owner::Operator => "for whoever runs this device",
        Owner::NetworkAdmin => "for this network's administrator",
        Owner::FirewallOwner => "for the firewall's owner",
        Owner::ProxyAdmin => "for the gateway's administrator",
        Owner::SecurityTeam => "for the security team",
        Owner::DnsAdmin => "for the DNS administrator",
        Owner::HubOwner => "for the hub's owner",
        Owner::Nobody => "for nobody",
    }
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

/// Appends `text`, wrapped, with `first` before its first line and `next` before the others.
fn wrapped(out: &mut String, first: &str, next: &str, text: &str) {
    let options = textwrap::Options::new(WIDTH).initial_indent(first).subsequent_indent(next);
    for line in textwrap::wrap(text, options) {
        out.push_str(line.trim_end());
        out.push('\n');
    }
}
