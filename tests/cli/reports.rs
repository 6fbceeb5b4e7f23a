//! Where reports go, what they exit with, and what Ctrl-C leaves of them.

use std::{
    fs,
    net::TcpListener,
    process::{Command, Stdio},
};

use super::{hubreach, read, run, support::schema};

/// Listens, and never says anything.
fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let port = format!("mqtt={}", listener.local_addr().expect("bound").port());
    (listener, port)
}

/// Arguments of a check of `port` on loopback alone.
fn check<'a>(port: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let fixed =
        ["hub.example", "--address", "127.0.0.1", "--kind", "mqtt-broker", "--protocol", "mqtt", "--port", port];
    fixed.iter().chain(more).copied().collect()
}

/// A report, held against the schema.
#[track_caller]
fn json(text: &str) -> serde_json::Value {
    let report = serde_json::from_str(text).expect("a report in JSON");
    schema::validate(&report);
    report
}

#[test]
fn the_requirement_decides_the_status() {
    let (listener, port) = silent();
    let (status, stdout, stderr) = run(&check(&port, &["--depth", "connect", "--format", "json"]));
    assert_eq!((status, stderr.as_str()), (0, ""));
    assert_eq!(json(&stdout)["checks"][0]["verdict"], "allowed");
    drop(listener);
    let (status, stdout, _) = run(&check(&port, &["--depth", "connect", "--format", "json"]));
    assert_eq!(status, 1);
    assert_eq!(json(&stdout)["requirement"]["met"], false);
}

#[test]
fn a_saved_report_is_judged_alike() {
    let (listener, port) = silent();
    drop(listener);
    let dir = tempfile::tempdir().expect("temporary directory");
    let path = |name: &str| dir.path().join(name).to_str().expect("UTF-8").to_owned();
    let (saved, text) = (path("report.json"), path("report.txt"));
    let (status, screen, _) = run(&check(&port, &["-v", "--output", &saved, "--output", &text]));
    assert_eq!(status, 1);
    let written = fs::read_to_string(&text).expect("written");
    assert_eq!(written, screen);
    assert!(!written.contains('\u{1b}'));

    let (status, again, stderr) = run(&["diagnose", &saved, "--format", "json"]);
    assert_eq!((status, stderr.as_str()), (1, ""));
    let before = fs::read_to_string(&saved).expect("written");
    for key in ["findings", "checks", "recommendation", "requirement"] {
        assert_eq!(json(&again)[key], json(&before)[key], "{key}");
    }
    let output = hubreach(&["diagnose", "-", "-v"]).write_stdin(before).output().expect("runs");
    assert_eq!(read(&output), (1, screen, String::new()));
}

#[test]
fn what_is_no_report_is_wrong_input() {
    for text in ["", "{}", "[1]", "{\"schema\":\"other/1\"}", "\u{0}"] {
        let output = hubreach(&["diagnose", "-", "-v"]).write_stdin(text).output().expect("runs");
        let (status, stdout, stderr) = read(&output);
        assert_eq!((status, stdout.as_str(), stderr.lines().count()), (2, "", 1), "{stderr}");
    }
}

#[test]
fn a_file_that_cannot_be_written_is_told_before_the_run() {
    let (_listener, port) = silent();
    let arguments = check(&port, &["--depth", "connect", "--output", "/nonexistent/report.json"]);
    let (status, stdout, stderr) = run(&arguments);
    assert_eq!((status, stderr.lines().count()), (2, 1), "{stderr}");
    assert!(stdout.is_empty() && stderr.contains("/nonexistent/report.json"), "{stdout}{stderr}");
}

#[test]
fn a_reader_that_leaves_is_no_fault() {
    let mut child = Command::new(assert_cmd::cargo::cargo_bin("hubreach"))
        .args(["explain", "--markdown"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("ends");
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_in_one_line() {
    let full = fs::File::options().write(true).open("/dev/full").expect("Linux has it");
    let program = assert_cmd::cargo::cargo_bin("hubreach");
    let output = Command::new(program).args(["explain", "--list"]).stdout(full).output().expect("runs");
    let (status, _, stderr) = read(&output);
    assert_eq!((status, stderr.lines().count()), (3, 1), "{stderr}");
}

#[test]
fn an_unknown_suffix_is_noted_unless_quiet() {
    let arguments = ["hub.example", "--address", "127.0.0.1", "--timeout", "100ms", "--depth", "connect"];
    let (_, _, stderr) = run(&arguments);
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.starts_with("note: ") && stderr.contains("--kind"), "{stderr}");
    let (_, _, stderr) = run(&[&arguments[..], &["-q"]].concat());
    assert_eq!(stderr, "");
}

#[cfg(unix)]
#[test]
fn ctrl_c_prints_the_report_so_far() {
    let (listener, port) = silent();
    let program = assert_cmd::cargo::cargo_bin("hubreach");
    let arguments = check(&port, &["--format", "json"]);
    let child = Command::new(program).args(arguments).stdout(Stdio::piped()).spawn().expect("runs");
    // Once it has connected, the handler stands and the answer is being waited for.
    let _held = listener.accept().expect("the check connects");
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill exists");
    assert!(kill.success());
    let (status, stdout, _) = read(&child.wait_with_output().expect("ends"));
    assert_eq!(status, 1);
    assert_eq!(json(&stdout)["partial"], true);
}
