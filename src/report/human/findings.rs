//! Why: each cause with its evidence.

use super::{
    layout::{self, shown},
    style::{self, styled},
    words,
};
use crate::{
    diagnosis::{Finding, Severity},
    report::Report,
};

/// What stops something, or soon may, with its evidence; then a line for what is merely good to know.
pub(super) fn render(report: &Report) -> String {
    let (notes, faults): (Vec<&Finding>, Vec<&Finding>) =
        report.findings.iter().partition(|finding| finding.severity == Severity::Info);
    let mut out = String::new();
    if !faults.is_empty() {
        out += &format!("{}\n", styled(style::HEADING, "Why"));
    }
    for finding in faults {
        fault(&mut out, report, finding);
    }
    if !notes.is_empty() {
        let apart = if out.is_empty() { "" } else { "\n" };
        out += &format!("{apart}{}\n", styled(style::HEADING, "Good to know"));
    }
    for finding in notes {
        let text = format!("{} ({})", shown(&finding.title), finding.code);
        layout::paragraph(&mut out, "  ", 4, &text);
    }
    out
}

fn fault(out: &mut String, report: &Report, finding: &Finding) {
    let severity = words::severity(finding.severity);
    let confidence = words::confidence(finding.confidence);
    let mut head = String::new();
    let text = format!("{} ({}, {confidence})", shown(&finding.title), finding.code);
    layout::paragraph(&mut head, &format!("  {severity}: "), 4, &text);
    let word = styled(style::of_severity(finding.severity), severity);
    out.push_str(&head.replacen(severity, &word, 1));

    let place = finding.location.as_ref().map(|at| format!(", {}", words::location(at))).unwrap_or_default();
    let affected = words::affected(report, &finding.affects);
    layout::paragraph(out, "    ", 4, &format!("affects {affected}{place}"));
    for line in &finding.evidence {
        layout::paragraph(out, "    - ", 6, &shown(line));
    }
    if let Some(cause) = finding.depends_on.as_deref().and_then(|id| report.findings.iter().find(|f| f.id == id)) {
        layout::paragraph(out, "    ", 4, &format!("follows from {}", cause.code));
    }
    if !finding.alternatives.is_empty() {
        let others: Vec<&str> = finding.alternatives.iter().map(|code| code.id()).collect();
        layout::paragraph(out, "    ", 4, &format!("could also be: {}", others.join(", ")));
    }
}

/// Where to read on: a command to copy.
pub(super) fn more(report: &Report) -> String {
    let mut codes: Vec<&str> = Vec::new();
    for finding in report.findings.iter().filter(|finding| finding.severity != Severity::Info) {
        if !codes.contains(&finding.code.id()) {
            codes.push(finding.code.id());
        }
    }
    let mut out = String::new();
    if !codes.is_empty() {
        layout::paragraph(&mut out, "", 2, &format!("More: hubreach explain {}", codes.join(" ")));
    }
    out
}
