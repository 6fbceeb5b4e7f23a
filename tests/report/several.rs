//! Several reports at once, as of an audit, in every format and back.

use hubreach::report::{AUDIT_SCHEMA, Format, ReadError, Report, read, render};
use serde_json::Value;

use crate::support::{samples, schema};

#[test]
fn every_format_tells_of_every_hub() {
    let audit = samples::audit();
    for format in Format::all() {
        let text = render(&audit, format);
        for report in &audit[..3] {
            assert!(text.contains(&report.hub.host), "{format}: {}", report.hub.host);
        }
        // No report at all is a report too.
        assert!(!render(&[], format).contains("contoso"), "{format}");
    }
}

#[test]
fn one_report_is_what_it_renders_itself() {
    for format in Format::all() {
        assert_eq!(render(&[samples::field()], format), samples::field().render(format), "{format}");
    }
}

#[test]
fn words_and_suffixes_name_the_formats() {
    for format in Format::all() {
        assert_eq!(format.to_string().parse(), Ok(format));
        assert_eq!(Format::of_path(format!("a.b/report.{}", format.suffix().to_uppercase()).as_ref()), Some(format));
    }
    assert_eq!(Format::of_path("report".as_ref()), None);
    let error = "pdf".parse::<Format>().expect_err("no format").to_string();
    assert_eq!(error, "unknown format; use one of: human, json, ndjson, markdown, html, junit, csv, ticket");
}

#[test]
fn an_audit_in_json_is_read_as_its_reports() {
    let audit = samples::audit();
    let text = render(&audit, Format::Json);
    let value: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(value["schema"], AUDIT_SCHEMA);
    for report in value["reports"].as_array().expect("a list") {
        if report["started_at"].as_str().is_some_and(|time| time.starts_with("2026")) {
            schema::validate(report);
        }
    }
    assert_eq!(read(&text).expect("readable"), audit);
}

#[test]
fn events_are_read_as_the_reports_they_end_with() {
    let audit = samples::audit();
    let lines = render(&audit, Format::Ndjson);
    assert_eq!(lines.lines().count(), audit.len());
    for line in lines.lines() {
        let event: Value = serde_json::from_str(line).expect("an object a line");
        assert_eq!(event["event"], "report");
    }
    let before = "{\"event\":\"resolved\",\"outcome\":\"ok\",\"addresses\":[]}\n\n";
    assert_eq!(read(&format!("{before}{lines}")).expect("readable"), audit);
    assert!(matches!(read(before), Err(ReadError::NoReport)));
}

#[test]
fn what_is_no_report_is_said_as_for_one() {
    for text in
        ["", "[]", "{}", "{\"schema\":\"other/1\"}", "{\"schema\":\"hubreach.audit/1\"}", "{\"event\":\"report\"}"]
    {
        assert!(read(text).is_err(), "{text}");
    }
    let wrong = format!("{{\"schema\":\"{AUDIT_SCHEMA}\",\"reports\":[{{\"schema\":\"hubreach.report/2\"}}]}}");
    assert!(matches!(read(&wrong), Err(ReadError::OtherSchema { .. })));
    let one: Report = samples::field();
    assert_eq!(read(&one.render(Format::Json)).expect("readable"), [one]);
}
