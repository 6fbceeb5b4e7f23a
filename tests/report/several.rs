//! Several reports at once, as of an audit, in every format and back.

use hubreach::report::{AUDIT_SCHEMA, Audit, Document, Format, ReadError, Report, read, render};
use serde_json::Value;

use crate::support::{samples, schema, site};

#[test]
fn every_format_tells_of_every_hub() {
    let audit = samples::audit();
    for format in Format::ALL.iter().copied() {
        let text = render(&audit, format);
        for report in &audit[..3] {
            // Nothing is asked where nothing is stopped, or not by this network.
            let is_told = format != Format::Ticket || report.observations.hub.host == "contoso.azure-devices.net";
            assert_eq!(
                text.contains(&report.observations.hub.host),
                is_told,
                "{format}: {}",
                report.observations.hub.host
            );
        }
        // No report at all is a report too.
        assert!(!render(&[], format).contains("contoso"), "{format}");
    }
}

#[test]
fn one_report_is_what_it_renders_itself() {
    for format in Format::ALL.iter().copied() {
        assert_eq!(render(&[samples::field()], format), samples::field().render(format), "{format}");
    }
}

#[test]
fn words_and_suffixes_name_the_formats() {
    for format in Format::ALL.iter().copied() {
        assert_eq!(format.to_string().parse(), Ok(format));
        assert_eq!(Format::of_path(format!("a.b/report.{}", format.suffix().to_uppercase()).as_ref()), Some(format));
    }
    assert_eq!(Format::of_path("report".as_ref()), None);
    let error = "pdf".parse::<Format>().expect_err("no format").to_string();
    assert_eq!(error, "unknown format; use one of: human, json, ndjson, markdown, html, junit, csv, ticket, brief");
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
    let events: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect();
    let (last, others) = events.split_last().expect("some");
    assert_eq!(others.len(), audit.len());
    assert!(others.iter().all(|event| event["event"] == "report"));
    assert_eq!((&last["event"], &last["tested"], &last["reports"]), (&"audit".into(), &6.into(), &Value::Null));
    let before = "{\"event\":\"resolved\",\"outcome\":\"ok\",\"addresses\":[]}\n\n";
    assert_eq!(read(&format!("{before}{lines}")).expect("readable"), audit);
    assert!(matches!(read(before), Err(ReadError::NoReport)));
    // One that was killed: what it told is not lost.
    let told: String = lines.lines().take(2).map(|line| format!("{line}\n")).collect();
    assert_eq!(read(&told).expect("readable"), audit[..2]);
}

#[test]
fn an_audit_is_read_as_it_was_written() {
    let about = (Some("Site <b>".to_owned()), "2026-11-23T08:00:00.000Z".to_owned());
    for reports in [samples::audit(), vec![samples::field()], Vec::new()] {
        let audit = Audit::new(about.0.clone(), about.1.clone(), 1234.5, 7, reports).paced(Some(site::pace()));
        for format in [Format::Json, Format::Ndjson] {
            let read = Document::read(&audit.render(format)).expect("readable");
            assert_eq!(read, Document::Audit(Box::new(audit.clone())), "{format}");
            assert_eq!((read.is_met(), read.reports()), (false, audit.reports.as_slice()));
        }
    }
}

#[test]
fn audits_of_older_versions_hold_reports_alone() {
    let one: Value = serde_json::from_str(&samples::field().render(Format::Json)).expect("JSON");
    let old = serde_json::json!({ "schema": AUDIT_SCHEMA, "reports": [&one] }).to_string();
    let Document::Audit(audit) = Document::read(&old).expect("readable") else { panic!("an audit of one") };
    assert_eq!(audit.reports, [samples::field()]);
    assert_eq!((audit.summary.planned, audit.summary.ready), (1, 1));
    assert_eq!(audit.summary.started_at, samples::field().observations.started_at);
    // Told to a tenth of a millisecond.
    let took = one["duration_ms"].as_f64().expect("a duration");
    assert!((audit.summary.duration_ms - took).abs() < 0.1, "{took}");
}

#[test]
fn what_a_file_claims_of_its_reports_is_found_out_again() {
    let mut value: Value = serde_json::from_str(&render(&samples::audit(), Format::Json)).expect("JSON");
    value["met"] = true.into();
    value["ready"] = 99.into();
    value["actions"] = serde_json::json!([{ "what": "Send money" }]);
    let Document::Audit(audit) = Document::read(&value.to_string()).expect("readable") else { panic!("an audit") };
    assert_eq!(*audit, Audit::of(samples::audit()));
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
