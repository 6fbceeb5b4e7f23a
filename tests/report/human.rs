//! The screen: fits 80 columns, reads without colour, is inert.

use hubreach::report::{Format, Report, Screen, escape};
use textwrap::core::display_width;

use crate::support::samples;

/// As it is shown at once, then unfolded.
fn screen(report: &Report) -> String {
    format!("{}\n-v:\n\n{}", shown(report, 80, false), shown(report, 80, true))
}

fn shown(report: &Report, columns: usize, unfolded: bool) -> String {
    let text = report.render_on(Screen::new(columns, unfolded), Format::Human);
    let plain = anstream::adapter::strip_str(&text).to_string();
    for line in plain.lines() {
        assert!(display_width(line) <= columns, "{} columns: {line}", display_width(line));
        assert_eq!(line.trim_end(), line);
    }
    plain
}

#[test]
fn a_healthy_hub() {
    insta::assert_snapshot!(screen(&samples::healthy()));
}

#[test]
fn a_troubled_field_network() {
    insta::assert_snapshot!(screen(&samples::field()));
}

#[test]
fn on_a_narrow_terminal_and_on_a_wide_one() {
    let field = samples::field();
    insta::assert_snapshot!(format!("{}\n120:\n\n{}", shown(&field, 40, false), shown(&field, 120, false)));
    let on = |columns| field.render_on(Screen::new(columns, false), Format::Human);
    assert_eq!(on(10), on(40));
    assert_eq!(on(500), on(120));
}

#[test]
fn to_read_out() {
    let reports = [samples::healthy(), samples::field(), samples::unresolved()];
    insta::assert_snapshot!(hubreach::report::render(&reports, Format::Brief));
}

#[test]
fn a_name_that_does_not_resolve() {
    insta::assert_snapshot!(screen(&samples::unresolved()));
}

#[test]
fn long_names_many_addresses_and_a_run_cut_short() {
    insta::assert_snapshot!(screen(&samples::strained()));
}

#[test]
fn what_peers_sent_is_inert() {
    let text = screen(&samples::hostile());
    assert!(text.lines().all(|line| escape(line) == line), "{text:?}");
    insta::assert_snapshot!(text);
}

#[test]
fn styles_come_from_us_alone() {
    let text = samples::hostile().render(Format::Human);
    // Only colours and weights: `ESC [ digits m`.
    for sequence in text.split('\x1b').skip(1) {
        let end = sequence.find('m').expect("a style ends with m");
        assert!(sequence[1..end].chars().all(|c| c.is_ascii_digit() || c == ';'), "{sequence:?}");
    }
}
