//! Lines that fit the screen.

use textwrap::{Options, WordSeparator, WordSplitter, core::display_width};

use crate::report::escape::escaped;

/// The screen's width that everything fits in.
pub(super) const WIDTH: usize = 80;

/// The longest text from outside that is shown; reports in other formats hold all of it.
const LONGEST: usize = 400;

/// A text from outside, made safe and short enough to show.
pub(super) fn shown(text: &str) -> String {
    let text = escaped(text.trim());
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.into_owned(),
    }
}

/// The lines of `text`, none wider than `width`. Breaks at spaces, since names and settings are copied from the screen;
/// what is wider than a line is cut where it must be.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let options = Options::new(width.max(1))
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(true);
    textwrap::wrap(text, options).into_iter().map(|line| line.into_owned()).collect()
}

/// Appends `text` behind `first`; its other lines are indented by `indent`.
pub(super) fn paragraph(out: &mut String, first: &str, indent: usize, text: &str) {
    let padding = " ".repeat(indent);
    let options = Options::new(WIDTH)
        .initial_indent(first)
        .subsequent_indent(&padding)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(true);
    for line in textwrap::wrap(text, options) {
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

/// Appends `items` behind `first`, as many a line as fit whole.
pub(super) fn pack(out: &mut String, first: &str, items: &[String]) {
    let indent = display_width(first);
    let mut lines: Vec<String> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let comma = if at + 1 == items.len() { "" } else { "," };
        match lines.last_mut() {
            Some(line) if indent + display_width(line) + 1 + display_width(item) + comma.len() <= WIDTH => {
                *line += &format!(" {item}{comma}");
            }
            _ => lines.push(format!("{item}{comma}")),
        }
    }
    let padding = " ".repeat(indent);
    for (at, line) in lines.iter().enumerate() {
        paragraph(out, if at == 0 { first } else { &padding }, indent, line);
    }
}

/// Seven columns, the units below each other: `  94 ms`, ` 4.0 s `.
pub(super) fn duration_column(ms: f64) -> String {
    let (number, unit) = duration_parts(ms);
    format!("{number:>4} {unit:<2}")
}

/// `94 ms`, `4.0 s`.
pub(super) fn duration(ms: f64) -> String {
    let (number, unit) = duration_parts(ms);
    format!("{number} {unit}")
}

fn duration_parts(ms: f64) -> (String, &'static str) {
    match ms {
        ms if ms < 9.95 => (format!("{ms:.1}"), "ms"),
        ms if ms < 999.5 => (format!("{ms:.0}"), "ms"),
        ms if ms < 99_950.0 => (format!("{:.1}", ms / 1000.0), "s"),
        ms => (format!("{:.0}", ms / 1000.0), "s"),
    }
}

/// `a, b and c`.
pub(super) fn and(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [start @ .., last] => format!("{} and {last}", start.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_keep_their_column() {
        for (ms, column) in [
            (0.0, " 0.0 ms"),
            (9.96, "  10 ms"),
            (94.2, "  94 ms"),
            (999.4, " 999 ms"),
            (999.6, " 1.0 s "),
            (4003.0, " 4.0 s "),
            (99_949.0, "99.9 s "),
            (3_600_000.0, "3600 s "),
        ] {
            assert_eq!(duration_column(ms), column);
        }
    }

    #[test]
    fn names_stay_whole_where_they_fit() {
        assert_eq!(wrap("allow it to contoso.azure-devices.net", 26), ["allow it to", "contoso.azure-devices.net"]);
        assert!(wrap(&"x".repeat(300), 34).iter().all(|line| line.len() <= 34));
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(shown(&"ü".repeat(10_000)).chars().count(), LONGEST + 3);
    }
}
