//! Colours. They only repeat what the words say: the screen reads the same without them.

use std::fmt;

use anstyle::{AnsiColor, Style};

use crate::diagnosis::{Severity, Verdict};

pub(super) const HEADING: Style = Style::new().bold();
pub(super) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(super) const DOUBTFUL: Style = AnsiColor::Yellow.on_default().bold();

pub(super) fn of_verdict(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Allowed => GOOD,
        Verdict::Blocked => BAD,
        Verdict::Declined | Verdict::Unknown => DOUBTFUL,
    }
}

pub(super) fn of_severity(severity: Severity) -> Style {
    match severity {
        Severity::Error => BAD,
        Severity::Warning => DOUBTFUL,
        Severity::Info => HEADING,
    }
}

/// `text` between a style's escape sequences.
pub(super) fn styled(style: Style, text: impl fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}
