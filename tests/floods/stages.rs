//! `check` and `health` of a hub that floods one stage.

use std::time::Duration;

use hubreach::{
    Report,
    diagnosis::{Severity, Verdict},
};

use super::{
    flood::Flood,
    peer::{self, OF_A_NETWORK, Rate, SLOW},
    program::{Ended, run},
    site::{NAME, Site},
};

const DEADLINE: Duration = Duration::from_secs(3);

/// A check of one protocol whose every connection is flooded.
fn check(site: &Site, flood: Flood, protocol: &str, rate: Rate) -> (Ended, Report) {
    let port = format!("{protocol}={}", peer::start(site, flood, rate));
    let args = ["check", NAME, "--address", "127.0.0.1", "--protocol", protocol, "--port", &port, "--timeout", "3s"];
    let ended = run(&[&args[..], &site.trust(), &["--format", "json", "-q"]].concat());
    let report = Report::from_json(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:?}"));
    (ended, report)
}

/// Ends in time, judged `verdict`, with an error that says why, at both rates.
#[track_caller]
fn bounded(flood: Flood, protocol: &str, verdict: Verdict) {
    let site = Site::new();
    for rate in [Rate::Unlimited, OF_A_NETWORK] {
        let what = format!("{flood:?} to {protocol}, {rate:?}");
        let (ended, report) = check(&site, flood, protocol, rate);
        ended.is_bounded(&what, DEADLINE);
        let check = &report.diagnosis.verdicts[0];
        assert_eq!(check.verdict, verdict, "{what}: {} {:#?}", check.summary, report.diagnosis.findings);
        let mut errors = report.diagnosis.findings.iter().filter(|finding| finding.severity == Severity::Error);
        assert!(verdict == Verdict::Allowed || errors.next().is_some(), "{what}: {}", check.summary);
    }
}

#[test]
fn in_the_place_of_tls() {
    bounded(Flood::Garbage, "mqtt", Verdict::Blocked);
    bounded(Flood::Fragments, "amqp", Verdict::Blocked);
}

#[test]
fn between_the_records_of_tls() {
    bounded(Flood::Tickets, "mqtt", Verdict::Declined);
    bounded(Flood::Tickets, "https", Verdict::Declined);
    bounded(Flood::Tickets, "amqp-ws", Verdict::Declined);
    bounded(Flood::EmptyRecords, "amqp", Verdict::Blocked);
}

#[test]
fn in_the_place_of_an_http_answer() {
    for protocol in ["https", "mqtt-ws"] {
        bounded(Flood::InterimAnswers, protocol, Verdict::Declined);
        bounded(Flood::MarkedAnswers, protocol, Verdict::Declined);
        bounded(Flood::Header, protocol, Verdict::Declined);
    }
    // Its beginning is an answer, if to another question than ours.
    bounded(Flood::Body, "https", Verdict::Allowed);
    bounded(Flood::Body, "amqp-ws", Verdict::Declined);
}

#[test]
fn in_the_place_of_the_protocol_s_answer() {
    bounded(Flood::Publish, "mqtt", Verdict::Declined);
    bounded(Flood::AmqpFrames, "amqp", Verdict::Declined);
}

#[test]
fn between_the_frames_of_a_websocket() {
    bounded(Flood::Pings, "mqtt-ws", Verdict::Declined);
    bounded(Flood::Pongs, "amqp-ws", Verdict::Declined);
    bounded(Flood::EmptyBinary, "mqtt-ws", Verdict::Declined);
    bounded(Flood::EmptyText, "amqp-ws", Verdict::Declined);
    bounded(Flood::Continuations, "mqtt-ws", Verdict::Declined);
}

#[test]
fn so_slowly_that_the_deadline_comes_first() {
    let site = Site::new();
    for (flood, protocol) in [(Flood::Tickets, "mqtt"), (Flood::Fragments, "amqp"), (Flood::Header, "https")] {
        let (ended, report) = check(&site, flood, protocol, SLOW);
        ended.is_bounded(&format!("{flood:?}"), DEADLINE);
        assert!(
            report.observations.deadline_reached && report.diagnosis.verdicts[0].verdict == Verdict::Unknown,
            "{flood:?}: {report:#?}"
        );
    }
}

#[test]
fn health_is_told_in_time() {
    let site = Site::new();
    for (flood, protocol) in [(Flood::Pings, "mqtt-ws"), (Flood::Tickets, "mqtt"), (Flood::Fragments, "https")] {
        let port = format!("{protocol}={}", peer::start(&site, flood, Rate::Unlimited));
        let args =
            ["health", NAME, "--address", "127.0.0.1", "--require", protocol, "--port", &port, "--timeout", "3s"];
        let ended = run(&[&args[..], &site.trust()].concat());
        ended.is_bounded(&format!("{flood:?}"), DEADLINE);
        assert!(ended.status == Some(1) && ended.stdout.starts_with("unhealthy: "), "{flood:?}: {ended:?}");
    }
}
