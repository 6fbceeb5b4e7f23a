//! `hubreach trace` as it is typed, over loopback, which has one hop.
#![cfg(target_os = "linux")]

use std::net::TcpListener;

use serde_json::Value;

use super::{assert_narrow, run};

#[test]
fn the_paths_are_shown_and_written() {
    let open = TcpListener::bind("127.0.0.1:0").expect("a port");
    let web = open.local_addr().expect("an address").port().to_string();
    let ports = format!("mqtt-ws={web},mqtt={}", closed());
    let args = ["trace", "hub.test", "--kind", "mqtt-broker", "--address", "127.0.0.1", "--port", &ports];
    let (status, screen, stderr) = run(&args);
    assert_eq!((status, stderr.as_str()), (0, ""));
    assert_narrow(&screen);
    assert!(screen.contains("OPEN") && screen.contains("RESET") && screen.contains(&web), "{screen}");
    let (status, json, _) = run(&[&args[..], &["--format", "json"]].concat());
    let document: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((status, &document["schema"]), (0, &"hubreach.trace/1".into()));
    assert_eq!(document["ports"].as_array().map(Vec::len), Some(2));
    let dir = tempfile::tempdir().expect("temporary directory");
    for (suffix, start) in [("txt", "hub.test"), ("json", "{"), ("html", "<!doctype html>")] {
        let file = dir.path().join(format!("trace.{suffix}")).display().to_string();
        let (status, _, stderr) = run(&[&args[..], &["--output", &file]].concat());
        assert_eq!((status, stderr.as_str()), (0, ""));
        assert!(std::fs::read_to_string(&file).expect("written").starts_with(start), "{suffix}");
    }
}

#[test]
fn what_cannot_be_traced_is_said_in_one_line() {
    for (args, status) in [(&["trace", "contoso"][..], 2), (&["trace", "1.2.3.4", "-6"], 2)] {
        let (was, stdout, stderr) = run(args);
        assert_eq!((was, stdout.as_str()), (status, ""), "{args:?}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    }
}

/// A port on which nothing listens.
fn closed() -> u16 {
    TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port()
}
