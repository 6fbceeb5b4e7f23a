//! Every report keeps to the schema.

use serde_json::Value;

/// Fails unless `report` is valid against `docs/report.schema.json`.
pub fn validate(report: &Value) -> Result<(), String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/report.schema.json");
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let schema = serde_json::from_str(&text).map_err(|error| format!("{path}: {error}"))?;
    let validator = jsonschema::validator_for(&schema).map_err(|error| format!("{path}: {error}"))?;
    let faults: Vec<_> =
        validator.iter_errors(report).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    if faults.is_empty() { Ok(()) } else { Err(format!("{faults:#?}\n{report:#}")) }
}
