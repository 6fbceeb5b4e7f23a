//! The answer: a line a check, what works first.

use textwrap::core::display_width;

use super::{
    layout::{WIDTH, duration_column, shown, wrap},
    style::{self, styled},
    words,
};
use crate::{
    diagnosis::Verdict,
    report::{CheckReport, Report},
};

pub(super) fn render(report: &Report) -> String {
    let mut checks: Vec<&CheckReport> = report.checks.iter().collect();
    checks.sort_by_key(|check| (rank(check.verdict), check.protocol, check.route, check.port));
    let verdict_width = checks.iter().map(|check| words::verdict(check.verdict).len()).max().unwrap_or(0);
    // The port stands at the right end of the name's column: names are long where ports are short.
    let name_width = checks.iter().map(|check| check.protocol.label().len() + 2 + port(check).len()).max().unwrap_or(0);
    let mut out = String::new();
    for check in checks {
        let verdict = words::verdict(check.verdict);
        let (label, port) = (check.protocol.label(), port(check));
        let between = " ".repeat(name_width - label.len() - port.len());
        let after_verdict = " ".repeat(verdict_width - verdict.len());
        let rest = format!("{after_verdict}  {label}{between}{port}  {}  ", took(check));
        let indent = 2 + verdict.len() + display_width(&rest);
        let summary = wrap(&shown(&check.summary), WIDTH - indent);
        let first = summary.first().map(String::as_str).unwrap_or_default();
        let line = format!("  {}{rest}{first}", styled(style::of_verdict(check.verdict), verdict));
        out.push_str(line.trim_end());
        out.push('\n');
        for line in summary.iter().skip(1) {
            out.push_str(&format!("{}{line}\n", " ".repeat(indent)));
        }
    }
    out
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Allowed => 0,
        Verdict::Declined => 1,
        Verdict::Blocked => 2,
        Verdict::Unknown => 3,
    }
}

fn port(check: &CheckReport) -> String {
    check.port.to_string()
}

/// Nothing was timed where nothing was tried.
fn took(check: &CheckReport) -> String {
    if check.attempts.is_empty() { format!("{:>4}   ", "-") } else { duration_column(check.duration_ms) }
}
