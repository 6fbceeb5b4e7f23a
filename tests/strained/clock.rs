//! A clock that was never set, or set to nonsense.

use libtest_mimic::Trial;

use super::program::{PROGRAM, about, closed, command, missing, read, trial};

pub fn trials() -> Vec<Trial> {
    let missing = missing(&["faketime"]);
    vec![
        trial("a_clock_before_1970", missing.clone(), a_clock_before_1970),
        trial("the_demo_works_before_1970", missing, the_demo_works_before_1970),
    ]
}

fn at(time: &str, args: &[String]) -> (i32, String, String) {
    let mut faketime = command("faketime");
    // Timers go on as always.
    faketime.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").args(["-f", time, PROGRAM]).args(args);
    read(&faketime.output().expect("runs"))
}

fn a_clock_before_1970() {
    let port = closed();
    for time in ["@1969-06-01 00:00:00", "@1970-01-01 00:00:00"] {
        for (name, status) in [("check", 1), ("health", 1), ("audit", 1), ("trace", 0)] {
            let (code, stdout, stderr) = at(time, &about(name, port, &["--timeout", "3s"]));
            assert_eq!(code, status, "{time}, {name}: {stderr}");
            assert!(!stdout.is_empty() && !stderr.contains("panicked"), "{time}, {name}: {stderr}");
        }
        let (_, json, _) = at(time, &about("check", port, &["--format", "json"]));
        let report: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        let began = report["started_at"].as_str().expect("a time");
        assert!(began.starts_with("1970-01-01T00:00:0"), "{began}");
    }
}

/// Certificates are made and verified by that clock.
fn the_demo_works_before_1970() {
    let (status, stdout, stderr) = at("@1969-06-01 00:00:00", &["demo".to_owned()]);
    assert_eq!((status, stderr.as_str()), (0, ""), "{stdout}");
    for allowed in ["HTTPS", "MQTT over WebSocket"] {
        let line = stdout.lines().find(|line| line.contains(&format!("  {allowed} "))).expect("a line");
        assert!(line.trim_start().starts_with("allowed"), "{stdout}");
    }
}
