//! The request to whoever stops something.

use hubreach::report::{Format, Report, escape};

use crate::support::samples;

fn ticket(report: &Report) -> String {
    let text = report.render(Format::Ticket);
    assert!(!text.contains('\x1b'), "a ticket is pasted: {text:?}");
    text
}

#[test]
fn a_troubled_field_network() {
    insta::assert_snapshot!(ticket(&samples::field()));
}

#[test]
fn what_is_not_required_stands_apart() {
    let mut report = samples::field();
    assert!(!ticket(&report).contains("Optional"), "where any will do, nobody has said which");
    report.requirement.spec = "mqtt".parse().expect("a requirement");
    let text = ticket(&report);
    let (required, optional) = text.split_once("Optional, not required of us").expect("both");
    assert!(required.contains("TCP 8883 ") && !required.contains("TCP 5671 "), "{text}");
    assert!(optional.contains("    TCP 5671  to"), "{text}");
}

#[test]
fn nothing_to_ask() {
    insta::assert_snapshot!(ticket(&samples::healthy()), @"Nothing to ask of this network: nothing in it is known to stop contoso.azure-devices.net.");
}

#[test]
fn what_peers_sent_is_inert() {
    let text = ticket(&samples::hostile());
    assert!(text.lines().all(|line| escape(line) == line), "{text:?}");
}
