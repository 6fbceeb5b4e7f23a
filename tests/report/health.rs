//! The one line of a health check.

use hubreach::{
    Report, diagnose,
    diagnosis::{Severity, Verdict},
    hub::{Depth, Protocol, Requirement, Route},
    observation::StageResult,
};

use crate::support::samples;

/// The sample, as if this had been required of it.
fn requiring(mut report: Report, requirement: &str) -> Report {
    report.observations.requirement = requirement.parse().expect("a requirement");
    let allowed: Vec<(Protocol, Route, bool)> = report
        .checks()
        .map(|check| (check.observations.protocol, check.observations.route, check.verdict == Verdict::Allowed))
        .collect();
    report.diagnosis.requirement_met = report.observations.requirement.is_met(&allowed);
    report
}

#[test]
fn what_is_allowed_where_any_will_do() {
    insta::assert_snapshot!(requiring(samples::field(), "any").health());
}

#[test]
fn what_stops_the_rest_where_all_is_required() {
    insta::assert_snapshot!(requiring(samples::field(), "all").health());
}

#[test]
fn a_cause_that_several_share_is_told_once() {
    let line = requiring(samples::unresolved(), "all").health();
    assert!(line.starts_with("unhealthy: ") && line.contains("mqtt, amqp"), "{line}");
    assert_eq!(line.matches("dns-").count(), 1, "{line}");
}

#[test]
fn what_allowed_does_not_mean_is_said() {
    let mut report = samples::healthy();
    report.observations.depth = Depth::Tls;
    assert!(report.health().contains(" allowed as far as tls in "), "{}", report.health());
    let mut report = samples::healthy();
    report.diagnosis.findings[0].severity = Severity::Warning;
    assert!(report.health().contains(", but authentication-refused"), "{}", report.health());
}

#[test]
fn what_was_cut_short_is_told_only_where_nothing_else_is() {
    let mut seen = samples::field().observations;
    seen.requirement = Requirement::All;
    for check in &mut seen.checks[1..] {
        for attempt in &mut check.attempts {
            attempt.connect = StageResult::Cancelled { duration_ms: 2.0 };
        }
    }
    let line = Report::new(seen.clone(), diagnose(&seen)).health();
    assert!(line.contains("mqtt blocked (silent-drop") && !line.contains("https"), "{line}");
    seen.checks.remove(0);
    let line = Report::new(seen.clone(), diagnose(&seen)).health();
    assert!(line.contains("https, mqtt-ws, amqp-ws unknown: cut short after waiting"), "{line}");
}

#[test]
fn no_peer_can_steer_it_or_break_it() {
    for text in ["\u{1b}[31mgreen\r\nhealthy: hub", "\u{202e}x\u{200b}", &"long ".repeat(400)] {
        let mut report = requiring(samples::saying(text), "all");
        report.diagnosis.requirement_met = false;
        for check in &mut report.diagnosis.verdicts {
            (check.verdict, check.summary) = (Verdict::Blocked, text.to_owned());
        }
        let line = report.health();
        let (line, end) = line.split_at(line.len() - 1);
        assert_eq!(end, "\n");
        assert!(line.chars().all(|character| !character.is_control()), "{line:?}");
        assert!(!line.contains('\u{202e}') && line.chars().count() <= 401, "{line:?}");
    }
}
