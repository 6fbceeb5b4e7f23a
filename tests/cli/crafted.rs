//! Files that nobody's run made: what they cost grows with their length, not with its square.

use std::{
    fs,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::run;

const FEW: usize = 150;
const MANY: usize = 4 * FEW;
/// With the square of the length it would be 16; four times as much, and as much again for a machine that is busy.
const MOST_TIMES: f64 = 8.0;
/// Less than this is the start of the program, and chance.
const LEAST: Duration = Duration::from_millis(150);

/// A kept run of the lab in which SYNs are dropped.
fn silent_run() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/crates/model/tests/diagnosis/cases/silent-drop-r1/report.json");
    serde_json::from_str(&fs::read_to_string(path).expect("kept")).expect("JSON")
}

/// The same with as many checks, each silent at the same two addresses, or each at one of its own, and each with a path that was
/// traced, and with a second attempt.
fn crafted(checks: usize, own_addresses: bool) -> Value {
    let mut report = silent_run();
    let check = report["checks"].as_array().expect("checks")[0].clone();
    let experiments = report["experiments"].as_array().expect("experiments").clone();
    let path = experiments.iter().find(|experiment| experiment["kind"] == "path").expect("a path").clone();
    let (mut silent, mut known) = (Vec::new(), experiments);
    for number in 0..checks {
        let (mut check, mut path) = (check.clone(), path.clone());
        let (id, port) = (format!("mqtt-{number}@direct"), 1000 + number);
        (check["id"], check["port"], path["failing"]["port"]) = (json!(id), json!(port), json!(port));
        if own_addresses {
            let address = json!(format!("10.78.{}.{}", number / 250, number % 250));
            check["attempts"][0]["address"] = address.clone();
            path["failing"]["address"] = address.clone();
            path["reference"]["address"] = address;
        }
        let attempt = check["attempts"][0].clone();
        known.push(path);
        known.push(json!({
            "kind": "repeat", "started_after_ms": 1.0, "duration_ms": 1.0, "check": id, "attempt": attempt,
        }));
        silent.push(check);
    }
    (report["checks"], report["experiments"], report["findings"]) = (json!(silent), json!(known), json!([]));
    report
}

/// A kept run in which name servers disagree, with as many of them: each knows an address of its own, and the first all of them.
fn crafted_names(servers: usize) -> Value {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/crates/model/tests/diagnosis/cases/dns-servers-disagree-address/report.json"
    );
    let mut report: Value = serde_json::from_str(&fs::read_to_string(path).expect("kept")).expect("JSON");
    let attempt = report["checks"][0]["attempts"][0].clone();
    let experiments = report["experiments"].as_array_mut().expect("experiments");
    let queries = experiments.iter().find_map(|known| known["queries"].as_array()).expect("questions");
    let answered = queries.iter().find(|query| query["answer"]["addresses"][0].is_string()).expect("an answer").clone();
    let address = |number: usize| format!("10.79.{}.{}", number / 250, number % 250);
    let all: Vec<Value> = (0..servers).map(|number| json!(address(number))).collect();
    let queries = (0..servers).map(|number| {
        let mut query = answered.clone();
        let known = if number == 0 { json!(all) } else { json!([address(number)]) };
        (query["server"], query["answer"]["addresses"]) = (json!(format!("{}:53", address(number))), known);
        query
    });
    let queries: Vec<Value> = queries.collect();
    for kind in ["dns", "dns-search", "dns-wildcard"] {
        experiments.push(json!({
            "kind": kind, "started_after_ms": 1.0, "duration_ms": 1.0, "queries": queries,
        }));
    }
    let attempts = all.iter().map(|address| {
        let mut attempt = attempt.clone();
        attempt["address"] = address.clone();
        attempt
    });
    report["checks"][0]["attempts"] = attempts.collect();
    (report["vantage"]["resolvers"], report["findings"]) = (json!(all), json!([]));
    report
}

/// A kept run in which something counts connections, with as many checks that it let in, each at the same address.
fn crafted_crowd(checks: usize) -> Value {
    let path =
        concat!(env!("CARGO_MANIFEST_DIR"), "/crates/model/tests/diagnosis/cases/connection-limit-drop/report.json");
    let mut report: Value = serde_json::from_str(&fs::read_to_string(path).expect("kept")).expect("JSON");
    let check = report["checks"][0].clone();
    let checks = (0..checks).map(|number| {
        let mut check = check.clone();
        check["id"] = json!(format!("mqtt-{number}@direct"));
        check
    });
    (report["checks"], report["findings"]) = (checks.collect(), json!([]));
    report
}

/// So often it is measured before it is believed.
const TRIES: usize = 5;

/// The shorter of two runs: what else happens on the machine only ever adds.
fn took(args: &[&str], expected: i32) -> Duration {
    let once = || {
        let began = Instant::now();
        let (status, _, stderr) = run(args);
        assert_eq!(status, expected, "{args:?}: {stderr}");
        began.elapsed()
    };
    once().min(once())
}

/// Writes one file of few parts and one of many, and sees what reading them in every way takes, and that `diagnose` ends with
/// `status`.
fn takes_as_long_as_it_is(what: &str, status: i32, craft: impl Fn(usize) -> Value) {
    let dir = tempfile::tempdir().expect("temporary directory");
    let written = [FEW, MANY].map(|parts| {
        let path = dir.path().join(format!("{parts}.json"));
        fs::write(&path, craft(parts).to_string()).expect("written");
        path.display().to_string()
    });
    let mut commands = vec![vec!["diff"]];
    commands.extend(
        ["human", "json", "html", "junit", "csv", "markdown"].map(|format| vec!["diagnose", "--format", format]),
    );
    for command in commands {
        let measure = || {
            written.each_ref().map(|path| {
                let twice = if command[0] == "diff" { vec![path.as_str(); 2] } else { vec![path.as_str()] };
                let expected = if command[0] == "diff" { 0 } else { status };
                took(&[command.as_slice(), &twice].concat(), expected)
            })
        };
        let grows = |[few, many]: &[Duration; 2]| many.as_secs_f64() / few.max(&LEAST).as_secs_f64() >= MOST_TIMES;
        // A busy machine may take its time once and again; what grows faster does so each time.
        let grown: Vec<_> = (0..TRIES).map(|_| measure()).take_while(grows).collect();
        assert!(grown.len() < TRIES, "{command:?}, {what}: {grown:?}");
    }
}

#[test]
fn judging_and_comparing_many_silent_checks_takes_as_long_as_they_are_many() {
    takes_as_long_as_it_is("checks of one address", 1, |checks| crafted(checks, false));
    takes_as_long_as_it_is("checks with addresses of their own", 1, |checks| crafted(checks, true));
}

#[test]
fn judging_many_name_servers_takes_as_long_as_they_are_many() {
    takes_as_long_as_it_is("name servers", 1, crafted_names);
}

#[test]
fn judging_a_crowd_takes_as_long_as_it_is_large() {
    takes_as_long_as_it_is("checks that were let in", 0, crafted_crowd);
}
