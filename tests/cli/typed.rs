//! What people type is understood: addresses, files, variables, short forms.

use std::{fs, net::TcpListener};

use serde_json::Value;

use super::{hubreach, read, run};

fn closed() -> u16 {
    TcpListener::bind("127.0.0.1:0").expect("loopback").local_addr().expect("bound").port()
}

/// The checks of a report, as `protocol:port`.
fn checks(json: &str) -> Vec<String> {
    let report: Value = serde_json::from_str(json).expect("JSON");
    let checks = report["checks"].as_array().expect("checks");
    checks.iter().map(|check| format!("{}:{}", check["protocol"].as_str().expect("a word"), check["port"])).collect()
}

const QUICK: [&str; 7] = ["--address", "127.0.0.1", "--no-experiments", "--depth", "connect", "--json", "-q"];

#[test]
fn an_address_is_the_check_that_was_meant() {
    let port = closed();
    for (typed, protocol) in [
        (format!("mqtts://hub.test:{port}"), "mqtt"),
        (format!("amqps://hub.test:{port}"), "amqp"),
        (format!("wss://hub.test:{port}/mqtt"), "mqtt-ws"),
        (format!("https://hub.test:{port}/"), "https"),
    ] {
        let (status, json, stderr) = run(&[&[typed.as_str()][..], &QUICK].concat());
        assert_eq!((status, stderr.as_str()), (1, ""), "{typed}");
        assert_eq!(checks(&json), [format!("{protocol}:{port}")], "{typed}");
    }
}

#[test]
fn seconds_and_the_port_of_https_are_understood() {
    let port = format!("https={}", closed());
    let given = ["hub.test", "--protocol", "https,mqtt-ws,amqp-ws", "--port", &port, "--timeout", "5"];
    let (_, json, _) = run(&[&given[..], &QUICK].concat());
    let wanted = ["https", "mqtt-ws", "amqp-ws"].map(|protocol| port.replace("https=", &format!("{protocol}:")));
    assert_eq!(checks(&json), wanted);
}

#[test]
fn every_option_comes_from_the_environment() {
    let port = closed();
    let mut command = hubreach(&["hub.test"]);
    let variables = [
        ("HUBREACH_ADDRESS", "127.0.0.1"),
        ("HUBREACH_PORT", &format!("mqtt={port}")),
        ("HUBREACH_PROTOCOL", "mqtt"),
        ("HUBREACH_FORMAT", "json"),
        ("HUBREACH_NO_EXPERIMENTS", "1"),
        ("HUBREACH_QUIET", "yes"),
        // These count as unset.
        ("HUBREACH_ALL_ADDRESSES", "0"),
        ("HUBREACH_KIND", ""),
        ("HUBREACH_REQUIRE", ""),
        ("HUBREACH_TIMEOUT", ""),
        ("HUBREACH_CA", ""),
        ("HUBREACH_IPV6", ""),
    ];
    let (status, json, stderr) = read(&command.envs(variables).output().expect("runs"));
    assert_eq!((status, stderr.as_str()), (1, ""));
    assert_eq!(checks(&json), [format!("mqtt:{port}")]);
    let mut command = hubreach(&["--address", "127.0.0.1"]);
    let (status, _, stderr) = read(&command.env("HUBREACH_HUB", "").output().expect("runs"));
    assert!(status == 2 && stderr.contains("no hub given"), "{stderr}");
}

#[test]
fn a_file_is_understood_where_a_hub_or_a_plan_is_meant() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let at = |name: &str| dir.path().join(name).to_str().expect("UTF-8").to_owned();
    let (report, list) = (at("report.json"), at("hubs.txt"));
    let port = closed();
    let typed = format!("mqtts://hub.test:{port}");
    let (_, json, _) = run(&[&[typed.as_str(), "--output", &report][..], &QUICK].concat());
    assert_eq!(run(&[&report, "--json"]), (1, json, String::new()), "judged again");
    let (status, _, stderr) = run(&["check", &report]);
    assert!(status == 2 && stderr.contains("type: hubreach diagnose "), "{stderr}");
    let (status, _, stderr) = run(&["audit", &report]);
    assert!(status == 2 && stderr.contains("type: hubreach diagnose "), "{stderr}");
    fs::write(&list, format!("# two hubs\nmqtts://a.test:{port}\nmqtts://b.test:{port}\n")).expect("written");
    let quick = ["--address", "127.0.0.1", "--no-experiments", "--depth", "connect", "--format", "csv", "-q"];
    for command in [&["audit", &list][..], &[&list]] {
        let (status, csv, stderr) = run(&[command, &quick].concat());
        assert_eq!((status, stderr.as_str()), (1, ""), "{command:?}");
        assert!(csv.contains("a.test") && csv.contains("b.test"), "{csv}");
    }
}

#[test]
fn a_file_that_cannot_be_written_costs_no_run() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let bad = dir.path().join("none/report.json");
    let bad = bad.to_str().expect("UTF-8");
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    listener.set_nonblocking(true).expect("set");
    let port = format!("mqtt={}", listener.local_addr().expect("bound").port());
    for command in ["check", "audit", "trace"] {
        let given = [command, "hub.test", "--address", "127.0.0.1", "--protocol", "mqtt", "--port", &port];
        let (status, stdout, stderr) = run(&[&given[..], &["--output", bad]].concat());
        assert_eq!((status, stdout.as_str(), stderr.lines().count()), (2, "", 1), "{command}: {stderr}");
        assert!(stderr.contains("cannot write") && stderr.contains("--output"), "{command}: {stderr}");
    }
    assert!(listener.accept().is_err(), "nothing was tested");
}

#[test]
fn verdicts_are_explained_and_what_to_do_comes_first() {
    for word in ["allowed", "declined", "blocked", "unknown", "silent-drop"] {
        let (status, text, _) = run(&["explain", word]);
        let headings: Vec<&str> = text.lines().filter(|line| line.starts_with("What ")).collect();
        assert_eq!((status, headings[0], headings[1]), (0, "What to do", "What it means"), "{text}");
        super::assert_narrow(&text);
    }
    assert_eq!(run(&["explain"]), run(&["explain", "--list"]));
}

#[test]
fn colours_are_as_they_are_wanted() {
    for (when, has) in [("always", true), ("never", false), ("auto", false)] {
        let (_, text, _) = run(&["explain", "declined", "--color", when]);
        assert_eq!(text.contains('\u{1b}'), has, "{when}");
    }
}
