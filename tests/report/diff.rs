//! What changed between two reports.

use hubreach::{
    diagnosis::Verdict,
    report::{
        Report, Screen,
        diff::{Change, Diff, compare},
    },
};
use textwrap::core::display_width;

use crate::support::{samples, schema, site};

/// The difference, as JSON of its schema and as a screen of any width.
#[track_caller]
fn diff(before: &[Report], after: &[Report]) -> Diff {
    let diff = compare(before, after).expect("something in common");
    schema::validate_diff(&serde_json::from_str(&diff.json()).expect("JSON"));
    assert_eq!(serde_json::from_str::<Diff>(&diff.json()).expect("read again"), diff);
    [40, 59, 60, 80, 120, 200].iter().for_each(|columns| _ = shown(&diff, *columns));
    diff
}

fn screen(diff: &Diff) -> String {
    shown(diff, 80)
}

fn shown(diff: &Diff, columns: usize) -> String {
    let plain = anstream::adapter::strip_str(&diff.human(Screen::new(columns, false))).to_string();
    for line in plain.lines() {
        assert!(display_width(line) <= columns, "{} columns: {line}", display_width(line));
        assert_eq!(line.trim_end(), line);
    }
    plain
}

fn changes(diff: &Diff) -> Vec<(&str, Change)> {
    diff.checks.iter().map(|check| (check.check.as_str(), check.change)).collect()
}

/// The field sample after the firewall's owner did half of what was asked, and broke something else.
fn later() -> Report {
    let mut report = samples::field();
    report.diagnosis.verdicts[0].verdict = Verdict::Allowed;
    report.diagnosis.verdicts[0].summary = "TLS 1.3, hub answered CONNACK".to_owned();
    report.diagnosis.findings.remove(0);
    report.diagnosis.findings[0].code = hubreach::diagnosis::Code::SilentDrop;
    report.diagnosis.verdicts[1].summary = "silently dropped".to_owned();
    report.diagnosis.verdicts[4].verdict = Verdict::Unknown;
    report.diagnosis.verdicts[4].summary = "the deadline came first".to_owned();
    report
}

#[test]
fn each_check_is_compared_with_itself() {
    let diff = diff(&[samples::field()], &[later()]);
    assert_eq!(
        changes(&diff),
        [
            ("mqtt@direct", Change::Fixed),
            ("amqp@direct", Change::ChangedCause),
            ("https@direct", Change::Unchanged),
            ("mqtt-ws@direct", Change::Unchanged),
            ("amqp-ws@direct", Change::Broken),
        ]
    );
    assert!(diff.regressed);
    insta::assert_snapshot!("changes_screen", screen(&diff));
    insta::assert_snapshot!("changes_markdown", diff.markdown());
}

#[test]
fn nothing_changed() {
    let same = diff(&[samples::field()], &[samples::field()]);
    assert!(!same.regressed && same.counts.unchanged == 5);
    insta::assert_snapshot!(screen(&same));
}

#[test]
fn a_hub_that_was_not_tested_again_is_told_but_is_no_loss() {
    let before = [samples::field(), samples::strained()];
    let diff = diff(&before, &[samples::field()]);
    assert_eq!(
        (diff.counts.unchanged, diff.counts.removed, diff.regressed),
        (5, before[1].observations.checks.len(), false)
    );
    insta::assert_snapshot!(screen(&diff));
}

#[test]
fn another_place_is_another_cause() {
    let mut after = samples::field();
    let location = after.diagnosis.findings[0].location.as_mut().expect("placed");
    location.hop = 5;
    assert_eq!(diff(&[samples::field()], &[after.clone()]).counts.changed_cause, 0, "the same router, further away");
    let location = after.diagnosis.findings[0].location.as_mut().expect("placed");
    location.address = "10.9.0.7".parse().ok();
    let moved = diff(&[samples::field()], &[after.clone()]);
    assert_eq!(changes(&moved)[0].1, Change::ChangedCause);
    assert!(screen(&moved).contains("10.9.0.7"), "{}", screen(&moved));
    after.diagnosis.findings[0].location = None;
    assert_eq!(diff(&[samples::field()], &[after]).counts.changed_cause, 0, "not found this time");
}

#[test]
fn what_is_hard_to_compare_is_noted() {
    let mut after = samples::field();
    after.observations.vantage.host = Some("laptop".to_owned());
    after.tool.version = "0.9.0".to_owned();
    after.observations.depth = hubreach::hub::Depth::Connect;
    after.observations.partial = true;
    assert_eq!(diff(&[samples::field()], &[after]).notes.len(), 4);
}

#[test]
fn different_hubs_are_not_compared() {
    let error = compare(&[samples::field()], &[samples::hostile()]).expect_err("nothing in common").to_string();
    assert_eq!(
        error,
        "the two have no check in common: one is about contoso.azure-devices.net, the other about hub.example; give two \
         reports of one hub, or two audits of one plan"
    );
    assert!(compare(&[], &[]).is_err());
}

/// The site after its firewall was opened for pumps 1 to 9: pump 12 is not tested again, boiler 1 has lost AMQP, and there
/// is a new hub.
fn site_later() -> Vec<Report> {
    let mut after = site::reports();
    for report in &mut after[..9] {
        report.diagnosis.findings.clear();
        for check in report.diagnosis.verdicts.iter_mut().filter(|check| check.verdict == Verdict::Blocked) {
            check.verdict = Verdict::Allowed;
            check.summary = "TLS 1.3, hub answered CONNACK".to_owned();
        }
    }
    after.retain(|report| !report.observations.hub.host.starts_with("pump-12"));
    let boiler = after.iter_mut().find(|report| report.observations.hub.host.starts_with("boiler-01")).expect("there");
    boiler.diagnosis.verdicts[0].verdict = Verdict::Blocked;
    boiler.diagnosis.verdicts[0].summary = "refused".to_owned();
    let mut new = samples::healthy();
    new.observations.hub.host = "new.azure-devices.net".to_owned();
    after.push(new);
    after
}

#[test]
fn of_audits_what_changed_is_told_and_the_rest_counted() {
    let diff = diff(&site::reports(), &site_later());
    assert!(diff.regressed);
    assert_eq!((diff.counts.broken, diff.counts.fixed, diff.counts.added, diff.counts.removed), (1, 9, 5, 4));
    insta::assert_snapshot!("audits_screen", screen(&diff));
    insta::assert_snapshot!("audits_markdown", diff.markdown());
}

#[test]
fn a_hub_that_is_tested_twice_is_compared_port_by_port() {
    let other = |port| {
        let mut report = samples::field();
        report.observations.checks.retain(|check| check.id.as_str() == "mqtt@direct");
        report.observations.checks[0].port = port;
        report
    };
    let mut open = other(1883);
    open.diagnosis.verdicts[0].verdict = Verdict::Allowed;
    let diff = diff(&[open.clone(), other(8883)], &[other(8883), open]);
    assert_eq!((diff.counts.unchanged, diff.checks.len()), (2, 2));
}

#[test]
fn an_order_is_no_difference() {
    let mut before = samples::audit();
    let after = before.clone();
    before.reverse();
    let diff = diff(&before, &after);
    // The sample's hub is healthy in one report and troubled in another: the first of each is compared with the first.
    assert_eq!(diff.counts.added + diff.counts.removed, 0);
}
