//! Whatever a peer sends, or whoever edits a file writes, is text and no more: in a terminal, a spreadsheet, a browser, a
//! Markdown renderer and a CI server.

use hubreach::report::{Format, Report, Screen, diff::compare, escape, render};
use proptest::prelude::*;

use crate::{csv, junit, markdown, support::samples};

/// Text made of what has a meaning somewhere.
fn nasty() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[=+@-]{1,2}",
        "[,;|\t\"'\r\n ]{1,2}",
        Just("cmd|' /C calc'!A0".to_owned()),
        Just("HYPERLINK(\"http://x\")".to_owned()),
        Just("\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m".to_owned()),
        Just("\u{202e}gnp\u{200b}".to_owned()),
        Just("<script>x()</script>".to_owned()),
        Just("\"><img src=x onerror=x()>".to_owned()),
        Just("]]></failure><!--".to_owned()),
        Just("&lt;b&gt; &#60; </style>".to_owned()),
        Just("{{ title }}{% if %}".to_owned()),
        Just("![a](http://x/y.png) [b](javascript:x) <http://x>".to_owned()),
        Just("http://x.example www.example.com".to_owned()),
        Just("`code` **bold** _it_ ~~no~~ $m$ [^1] - [ ] # h".to_owned()),
        Just("@octocat octo/repo#1 a@b.example".to_owned()),
        Just("1. one\n2) two\n- - x\n    code".to_owned()),
        Just("\u{fffe}\u{ffff}\u{0}\u{85}".to_owned()),
        "\\PC{1,4}",
        any::<String>(),
    ];
    prop::collection::vec(piece, 1..5).prop_map(|pieces| pieces.concat())
}

/// Every format of a report and of a difference.
fn every(reports: &[Report]) -> Vec<(String, String)> {
    let mut texts: Vec<(String, String)> =
        Format::ALL.iter().copied().map(|format| (format.to_string(), render(reports, format))).collect();
    let diff = compare(reports, reports).expect("the same checks");
    texts.push(("diff".to_owned(), diff.human(Screen::FILE)));
    texts.push(("diff json".to_owned(), diff.json()));
    texts.push(("diff markdown".to_owned(), diff.markdown()));
    texts
}

/// Nothing steers a terminal but the colours of ours.
fn assert_calm(format: &str, text: &str) {
    let plain = match format {
        "human" | "diff" => anstream::adapter::strip_str(text).to_string(),
        _ => text.to_owned(),
    };
    for line in plain.lines() {
        assert_eq!(escape(line), line, "{format}");
    }
    for sequence in text.split('\x1b').skip(1) {
        let end = sequence.find('m').expect("a style ends with m");
        assert!(sequence[1..end].chars().all(|c| c.is_ascii_digit() || c == ';'), "{format}: {sequence:?}");
    }
}

/// Whether a spreadsheet could take `cell` for a formula.
fn is_formula(cell: &str) -> bool {
    let first = cell.trim_start_matches(|c: char| c.is_whitespace() || c == '"').chars().next();
    first.is_some_and(|first| "=+-@＝＋－＠".contains(first))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_format_steers_a_terminal(text in nasty()) {
        for (format, written) in every(&[samples::saying(&text), samples::field()]) {
            assert_calm(&format, &written);
        }
    }

    #[test]
    fn no_cell_is_a_formula(text in nasty()) {
        let written = render(&[samples::saying(&text)], Format::Csv);
        for row in csv::read(&written) {
            for (column, cell) in row {
                assert!(!is_formula(&cell), "{column}: {cell}");
            }
        }
        // Where the reader's locale separates by another character, each part is a cell of its own.
        for separator in [',', ';', '|', '\t'] {
            for part in written.split(separator) {
                assert!(!is_formula(part), "split by {separator:?}: {part}");
            }
        }
    }

    #[test]
    fn no_text_is_an_element(text in nasty()) {
        let shape = |report: Report| {
            let page = report.render(Format::Html);
            (page.matches('<').count(), page.matches('>').count())
        };
        prop_assert_eq!(shape(samples::saying(&text)), shape(samples::saying("text")));
        let root = junit::read(&render(&[samples::saying(&text)], Format::Junit));
        junit::assert_accepted(&root);
    }

    #[test]
    fn no_text_is_markup(text in nasty()) {
        let report = samples::saying(&text);
        let (seen, active) = markdown::read(&report.render(Format::Markdown));
        prop_assert_eq!(active, Vec::<String>::new());
        // Short enough not to be cut: it reads as it is, whatever it is.
        let whole = escape(text.trim());
        if whole.chars().count() <= 400 {
            let read: String = seen.split_whitespace().collect();
            let expected: String = whole.split_whitespace().collect();
            prop_assert!(read.contains(&expected), "{expected}\n{read}");
        }
        let diff = compare(std::slice::from_ref(&report), std::slice::from_ref(&report)).expect("the same checks");
        prop_assert_eq!(markdown::read(&diff.markdown()).1, Vec::<String>::new());
    }
}
