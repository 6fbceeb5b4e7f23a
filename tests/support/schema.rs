//! Holds reports, audits and differences against the schemas in `docs/`.

#![allow(dead_code, reason = "no test uses all of it")]

use std::sync::LazyLock;

use hubreach::report::{Format, Report};
use jsonschema::Validator;
use serde_json::Value;

static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    let schema: Value =
        serde_json::from_str(include_str!("../../docs/report.schema.json")).expect("the schema is JSON");
    jsonschema::meta::validate(&schema).expect("the schema is a JSON Schema");
    jsonschema::validator_for(&schema).expect("the schema compiles")
});

static DIFF: LazyLock<Validator> = LazyLock::new(|| {
    let schema: Value = serde_json::from_str(include_str!("../../docs/diff.schema.json")).expect("the schema is JSON");
    jsonschema::meta::validate(&schema).expect("the schema is a JSON Schema");
    jsonschema::validator_for(&schema).expect("the schema compiles")
});

static AUDIT: LazyLock<Validator> = LazyLock::new(|| {
    let text = [
        include_str!("../../docs/audit.schema.json"),
        include_str!("../../docs/report.schema.json"),
        include_str!("../../docs/diff.schema.json"),
    ];
    let [audit, report, diff]: [Value; 3] = text.map(|text| serde_json::from_str(text).expect("the schema is JSON"));
    jsonschema::meta::validate(&audit).expect("the schema is a JSON Schema");
    let known = jsonschema::Registry::new().add("urn:hubreach:report:1", &report).expect("an address");
    let known = known.add("urn:hubreach:diff:1", &diff).expect("an address");
    let known = known.prepare().expect("no other schema is referred to");
    jsonschema::options().with_registry(&known).build(&audit).expect("the schema compiles")
});

/// Panics, naming each fault, unless `audit` is as `docs/audit.schema.json` says; the last event of NDJSON too.
#[track_caller]
pub fn validate_audit(audit: &Value) {
    let faults: Vec<String> =
        AUDIT.iter_errors(audit).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "the audit breaks the schema:\n{}", faults.join("\n"));
}

/// Panics, naming each fault, unless `diff` is as `docs/diff.schema.json` says.
#[track_caller]
pub fn validate_diff(diff: &Value) {
    let faults: Vec<String> =
        DIFF.iter_errors(diff).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "the difference breaks the schema:\n{}\nin:\n{diff:#}", faults.join("\n"));
}

/// Panics, naming each fault, unless `report` is as the schema says.
#[track_caller]
pub fn validate(report: &Value) {
    let faults = faults(report);
    assert!(faults.is_empty(), "the report breaks the schema:\n{}\nin:\n{report:#}", faults.join("\n"));
}

/// Each way in which `report` breaks the schema.
pub fn faults(report: &Value) -> Vec<String> {
    SCHEMA.iter_errors(report).map(|fault| format!("{}: {fault}", fault.instance_path())).collect()
}

/// `report` as JSON, held against the schema.
#[track_caller]
pub fn valid_json(report: &Report) -> Value {
    let value = serde_json::from_str(&report.render(Format::Json)).expect("what was written is JSON");
    validate(&value);
    value
}
