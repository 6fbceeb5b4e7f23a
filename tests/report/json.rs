//! The JSON object, its schema, and the way back.

use hubreach::{
    observation::ExperimentResult,
    report::{Format, Report, escape},
};
use serde_json::{Value, json};

use crate::support::{proxied, samples, schema};

fn all() -> [Report; 10] {
    [
        samples::healthy(),
        samples::field(),
        samples::unresolved(),
        samples::hostile(),
        samples::strained(),
        proxied::required(),
        proxied::beside(),
        proxied::healthy_on_both(),
        proxied::locked(),
        proxied::dead(),
    ]
}

fn written(report: &Report) -> String {
    report.render(Format::Json)
}

#[test]
fn every_sample_is_as_the_schema_says() {
    for report in all() {
        schema::valid_json(&report);
    }
}

#[test]
fn nothing_is_lost_in_a_file() {
    for report in all() {
        let text = written(&report);
        let read = Report::from_json(&text).expect("readable");
        assert_eq!(read, report);
        assert_eq!(written(&read), text);
    }
}

#[test]
fn nothing_is_lost_on_the_way_to_another_diagnosis() {
    for report in all() {
        let read = Report::from_json(&written(&report)).expect("readable");
        assert_eq!(read.observations, report.observations);
    }
}

#[test]
fn a_diagnosis_is_as_the_schema_says_and_the_same_from_a_file() {
    for report in all() {
        let seen = report.observations;
        let judged = Report::new(seen.clone(), hubreach::diagnose(&seen));
        schema::valid_json(&judged);
        let read = Report::from_json(&written(&judged)).expect("readable");
        let seen = read.observations;
        assert_eq!(Report::new(seen.clone(), hubreach::diagnose(&seen)), judged);
    }
}

#[test]
fn the_keys_stand_in_the_order_of_the_contract() {
    let text = written(&samples::field());
    let keys = [
        "schema",
        "tool",
        "started_at",
        "duration_ms",
        "deadline_reached",
        "partial",
        "vantage",
        "hub",
        "depth",
        "role",
        "requirement",
        "resolution",
        "proxy",
        "checks",
        "experiments",
        "findings",
        "recommendation",
    ];
    let places: Vec<usize> = keys.iter().map(|key| text.find(&format!("\n  \"{key}\":")).expect(key)).collect();
    assert!(places.is_sorted(), "{places:?}");
    let check = &text[places[13]..places[14]];
    let keys = ["id", "protocol", "port", "route", "verdict", "duration_ms", "summary", "attempts"];
    let places: Vec<usize> = keys.iter().map(|key| check.find(&format!("\n      \"{key}\":")).expect(key)).collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn the_contracts_example_can_be_read() {
    let example = include_str!("contract-example.json");
    schema::validate(&serde_json::from_str(example).expect("JSON"));
    let report = Report::from_json(example).expect("readable");
    assert_eq!(report.observations.checks[0].id.as_str(), "mqtt@direct");
    schema::valid_json(&report);
}

/// The field sample with one value replaced.
fn with(pointer: &str, value: Value) -> Value {
    let mut report = schema::valid_json(&samples::field());
    *report.pointer_mut(pointer).expect(pointer) = value;
    report
}

#[test]
fn the_schema_knows_every_experiment() {
    for kind in ExperimentResult::KINDS {
        let bare = json!([{ "kind": kind, "started_after_ms": 1.0, "duration_ms": 1.0 }]);
        assert!(
            !schema::faults(&with("/experiments", bare)).is_empty(),
            "the schema says nothing of the facts of {kind}"
        );
    }
    let newer = json!([{ "kind": "of-a-newer-version", "started_after_ms": 1.0, "duration_ms": 1.0 }]);
    assert_eq!(schema::faults(&with("/experiments", newer)), [""; 0]);
}

#[test]
fn the_schema_closes_what_the_contract_closes() {
    for (pointer, value) in [
        ("/schema", json!("hubreach.report/2")),
        ("/started_at", json!("yesterday")),
        ("/depth", json!("all")),
        ("/requirement/spec", json!("some")),
        ("/checks/0/verdict", json!("maybe")),
        ("/checks/0/protocol", json!("coap")),
        ("/checks/0/port", json!(0)),
        ("/checks/0/id", json!("mqtt")),
        ("/checks/0/attempts/0/stages/0/stage", json!("hold")),
        ("/checks/0/attempts/0/stages/0/outcome", json!("odd")),
        ("/checks/0/attempts/0/stages/0/outcome", json!("ok")),
        ("/checks/0/attempts/0/stages/0/failure", json!(null)),
        ("/checks/0/attempts/0/stages/0/failure", json!({ "kind": "not-tls", "first_bytes": "" })),
        ("/checks/0/attempts/0/stages/1/duration_ms", json!(1.0)),
        ("/checks/2/attempts/0/stages/1/failure", json!({ "kind": "reset", "bytes_received": 0 })),
        ("/checks/2/attempts/0/stages/2/evidence/protocol", json!("coap")),
        ("/checks/2/attempts/0/stages/1/evidence/trust/identity", json!("friendly")),
        ("/checks/2/attempts/0/stages/1/evidence/trust/device", json!({ "outcome": "rejected" })),
        ("/checks/2/attempts/0/stages/1/evidence/chain/0/sha256", json!("5e")),
        ("/checks/2/attempts/0/stages/2/evidence/response/headers/0", json!(["date"])),
        ("/resolution/outcome", json!("failed")),
        ("/findings/0/severity", json!("fatal")),
        ("/findings/0/confidence", json!("sure")),
        ("/findings/0/stage", json!("hold")),
        ("/findings/0/owner", json!("me")),
        ("/findings/0/location/hop", json!(-1)),
        ("/recommendation/settings", json!({})),
        ("/vantage/trust_store/source", json!("cloud")),
    ] {
        let faults = schema::faults(&with(pointer, value.clone()));
        assert!(!faults.is_empty(), "{pointer} may be {value}");
    }
}

#[test]
fn the_schema_closes_what_it_says_of_a_proxy() {
    let report = schema::valid_json(&proxied::required());
    for (pointer, value) in [
        ("/proxy/scheme", json!("ftp")),
        ("/proxy/port", json!(0)),
        ("/proxy/has_credentials", json!("user")),
        ("/vantage/proxy_settings/0/unused", json!({ "kind": "excepted" })),
        ("/checks/5/attempts/0/stages/1/failure", json!({ "kind": "refused" })),
        ("/checks/5/attempts/0/stages/1/evidence/logged_in", json!(null)),
        ("/checks/9/attempts/0/stages/1/evidence/response", json!({ "status": 200 })),
    ] {
        let mut report = report.clone();
        *report.pointer_mut(pointer).expect(pointer) = value.clone();
        assert!(!schema::faults(&report).is_empty(), "{pointer} may be {value}");
    }
}

#[test]
fn unknown_keys_are_for_newer_versions() {
    let mut report = schema::valid_json(&samples::field());
    report["weather"] = json!("fine");
    report["checks"][0]["attempts"][0]["stages"][0]["failure"]["colour"] = json!("red");
    schema::validate(&report);
    assert!(Report::from_json(&report.to_string()).is_ok());
}

#[test]
fn what_cannot_be_read_is_said() {
    let error = |text: &str| Report::from_json(text).expect_err(text).to_string();
    for (text, start) in [
        ("PK\u{3}".to_owned(), "this is not JSON (line 1, column 1); give a file that `hubreach check"),
        ("[1, 2]".to_owned(), "this JSON is not a `hubreach.report/1` report; give a file that `hubreach check"),
        ("{}".to_owned(), "this JSON is not a `hubreach.report/1` report; give a file that `hubreach check"),
        (
            with("/schema", json!("hubreach.report/2")).to_string(),
            "this JSON has the schema `hubreach.report/2`, this version reads `hubreach.report/1`; ",
        ),
        (
            with("/checks/0/verdict", json!("maybe")).to_string(),
            "this report is damaged: unknown variant `maybe`, expected one of `allowed`, `blocked`, `declined`, `unknown`",
        ),
    ] {
        let error = error(&text);
        assert!(error.starts_with(start), "{error}");
    }
}

#[test]
fn json_is_inert_on_a_terminal() {
    let text = written(&samples::hostile());
    assert!(text.lines().all(|line| escape(line) == line), "{text:?}");
    assert!(text.contains("株式会社"), "letters stay as they are");
    // What is escaped still reads the same.
    let read = Report::from_json(&text).expect("readable");
    assert!(read.diagnosis.findings[0].title().contains("\x1b]0;owned\x07"));
}
