//! What a report must say.

use serde_json::Value;

use super::scenario::{Expect, ExpectedFinding};

/// Whether a saved report is judged as it was at first.
pub fn alike(first: &Value, again: &Value) -> Result<(), String> {
    for part in ["checks", "findings", "recommendation", "requirement"] {
        if first[part] != again[part] {
            return Err(format!("a saved report is judged otherwise: {part}\n{:#}\n{:#}", first[part], again[part]));
        }
    }
    Ok(())
}

/// Whether a report says all that it must, and accuses nobody else.
pub fn expected(expect: &Expect, report: &Value) -> Result<(), String> {
    let mut wrong = Vec::new();
    let checks = list(&report["checks"]);
    let mut routes: Vec<&str> = checks.iter().map(|check| route(text(&check["id"]))).collect();
    routes.dedup();
    if expect.routes.as_ref().is_some_and(|wanted| *wanted != routes) {
        wrong.push(format!("checked on {routes:?}, not {:?}", expect.routes));
    }
    for check in checks {
        let id = text(&check["id"]);
        let keys = [id, id.trim_end_matches("@direct"), &format!("all@{}", route(id)), "all"];
        let verdict = keys.into_iter().find_map(|key| expect.verdicts.get(key)).map_or("allowed", String::as_str);
        if check["verdict"] != verdict {
            wrong.push(format!("{id} is {}, not {verdict}: {}", check["verdict"], check["summary"]));
        }
    }
    let findings = list(&report["findings"]);
    let mut unexpected: Vec<&Value> = findings.iter().collect();
    for wanted in &expect.findings {
        let matching = |finding: &&Value| finding["code"] == wanted.code.as_str() && affects(finding, wanted, checks);
        let Some(finding) = unexpected.iter().copied().find(|finding| matching(finding)) else {
            let said: Vec<_> = findings.iter().map(|one| (text(&one["code"]), &one["affects"])).collect();
            wrong.push(format!("no {} that affects {:?}, but {said:?}", wanted.code, wanted.affects));
            continue;
        };
        unexpected.retain(|other| other["id"] != finding["id"]);
        wrong.extend(deviations(finding, wanted, findings));
    }
    for finding in unexpected {
        if finding["severity"] != "info" {
            wrong.push(format!("unexpected {}: {}", finding["severity"], finding["code"]));
        }
        if expect.never.iter().any(|code| finding["code"] == code.as_str()) {
            wrong.push(format!("{} must not be named", finding["code"]));
        }
    }
    wrong.extend(findings.iter().filter_map(|finding| falsely_accused(finding, expect)));
    let took = report["duration_ms"].as_f64().unwrap_or(f64::MAX);
    if let Some(limit) = expect.within_ms.filter(|limit| took > *limit) {
        wrong.push(format!("took {took} ms, not at most {limit} ms"));
    }
    if expect.no_experiments && !list(&report["experiments"]).is_empty() {
        wrong.push("experiments were made".to_owned());
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

/// Whom a finding accuses beyond doubt, or at which place, though the scenario names neither.
fn falsely_accused(finding: &Value, expect: &Expect) -> Option<String> {
    if finding["confidence"] != "confirmed" || finding["owner"] == "nobody" {
        return None;
    }
    let (code, owner) = (text(&finding["code"]), text(&finding["owner"]));
    let mut named = expect.findings.iter().filter(|wanted| wanted.code == code && wanted.owner == owner).peekable();
    if named.peek().is_none() {
        return Some(format!("{code}: the {owner} is accused, whom the scenario does not name"));
    }
    let placed =
        finding["location"].is_null() || named.any(|wanted| wanted.location.is_some() || wanted.blames.is_some());
    (!placed).then(|| format!("{code}: {} is accused, a place that the scenario does not name", finding["location"]))
}

/// The route of a check's id.
fn route(id: &str) -> &str {
    id.split_once('@').map_or("", |(_, route)| route)
}

fn affects(finding: &Value, wanted: &ExpectedFinding, checks: &[Value]) -> bool {
    let affected: Vec<&str> = list(&finding["affects"]).iter().map(text).collect();
    // `all` is every check, `all@proxy` every one of that route.
    let ids = |name: &str| -> Vec<String> {
        match name.strip_prefix("all") {
            Some(route) => checks
                .iter()
                .map(|check| text(&check["id"]))
                .filter(|id| id.ends_with(route))
                .map(str::to_owned)
                .collect(),
            None if name.contains('@') => vec![name.to_owned()],
            None => vec![format!("{name}@direct")],
        }
    };
    let wanted: Vec<String> = match wanted.affects.as_slice() {
        [] => ids("all"),
        some => some.iter().flat_map(|name| ids(name)).collect(),
    };
    affected == wanted
}

fn deviations(finding: &Value, wanted: &ExpectedFinding, findings: &[Value]) -> Vec<String> {
    let mut wrong = Vec::new();
    let code = &wanted.code;
    let mut differs = |what: &str, is: &Value, wanted: &str| {
        if is != wanted {
            wrong.push(format!("{code}: {what} is {is}, not {wanted}"));
        }
    };
    differs("severity", &finding["severity"], &wanted.severity);
    if wanted.confidence != "any" {
        differs("confidence", &finding["confidence"], &wanted.confidence);
    }
    differs("owner", &finding["owner"], &wanted.owner);
    if let Some(root) = &wanted.depends_on {
        let id = findings.iter().find(|other| other["code"] == root.as_str()).map(|other| text(&other["id"]));
        differs("depends_on", &finding["depends_on"], id.unwrap_or("missing"));
    }
    if let Some(place) = &wanted.location {
        let location = &finding["location"];
        if location["hop"] != place.hop {
            wrong.push(format!("{code}: the location is {location}, not {place:?}"));
        }
        let address = |is: &Value, wanted: Option<std::net::IpAddr>| {
            wanted.is_none_or(|wanted| *is == wanted.to_string().as_str())
        };
        if !address(&location["address"], place.address) || !address(&location["next"]["address"], place.next) {
            wrong.push(format!("{code}: the location is {location}, not {place:?}"));
        }
    }
    if let Some(blames) = &wanted.blames {
        let named = [&finding["location"]["address"], &finding["location"]["next"]["address"]];
        let named = named.into_iter().filter_map(Value::as_str);
        for stranger in named.filter(|address| !blames.iter().any(|known| known.to_string() == *address)) {
            wrong.push(format!("{code}: {stranger} is accused: {}", finding["location"]));
        }
    }
    if let Some(alternatives) = &wanted.alternatives {
        let is: Vec<&str> = list(&finding["alternatives"]).iter().map(text).collect();
        if is != alternatives.iter().map(String::as_str).collect::<Vec<_>>() {
            wrong.push(format!("{code}: alternatives are {is:?}, not {alternatives:?}"));
        }
    }
    if let Some(part) = &wanted.evidence
        && !list(&finding["evidence"]).iter().any(|said| text(said).contains(part))
    {
        wrong.push(format!("{code}: no evidence of {part:?}: {:#}", finding["evidence"]));
    }
    wrong
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
