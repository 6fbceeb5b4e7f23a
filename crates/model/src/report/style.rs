//! Terminal styles by meaning.

use anstyle::{AnsiColor, Style};

use crate::diagnosis::Verdict;

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();

pub(super) fn colour(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Allowed => AnsiColor::Green.on_default(),
        Verdict::Declined => AnsiColor::Yellow.on_default().bold(),
        Verdict::Blocked => AnsiColor::Red.on_default().bold(),
        Verdict::Unknown => AnsiColor::Yellow.on_default(),
    }
}
