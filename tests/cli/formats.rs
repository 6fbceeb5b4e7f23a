//! Every format on stdout and in files, and events as they happen.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Command, Stdio},
};

use hubreach::report::{Format, read as read_reports};
use serde_json::Value;

use super::{run, support::schema};

fn check(port: u16, more: &[&str]) -> Vec<String> {
    let port = format!("mqtt={port}");
    let fixed =
        ["hub.example", "--address", "127.0.0.1", "--kind", "mqtt-broker", "--protocol", "mqtt", "--port", &port];
    fixed.iter().chain(more).map(|word| (*word).to_owned()).collect()
}

/// A port that is closed: all is decided at once.
fn closed() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    listener.local_addr().expect("bound").port()
}

fn run_owned(args: &[String]) -> (i32, String, String) {
    run(&args.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn several_files_each_in_the_format_of_its_suffix() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let path = |format: Format| dir.path().join(format!("report.{}", format.suffix())).display().to_string();
    let paths: Vec<String> = Format::ALL.iter().copied().map(path).collect();
    let outputs: Vec<&str> = paths.iter().flat_map(|path| ["--output", path.as_str()]).collect();
    let (status, screen, stderr) = run_owned(&check(closed(), &outputs));
    assert_eq!((status, stderr.as_str()), (1, ""));
    let written = |format| fs::read_to_string(path(format)).expect("written");
    // A file cannot be asked for more.
    assert_ne!(written(Format::Human), screen);
    let reports = read_reports(&written(Format::Json)).expect("a report");
    assert_eq!(read_reports(&written(Format::Ndjson)).expect("events"), reports);
    for format in [Format::Markdown, Format::Html, Format::Junit, Format::Csv, Format::Ticket] {
        assert_eq!(written(format), reports[0].render(format), "{format}");
    }
    // The events of the run stand before the report.
    let events = events(&written(Format::Ndjson));
    assert!(events.len() > 2 && events.iter().take(2).all(|event| event["event"] != "report"));

    for format in Format::ALL.iter().copied() {
        let (status, again, stderr) = run(&["diagnose", &path(Format::Json), "--format", format.id()]);
        assert_eq!((status, stderr.as_str()), (1, ""), "{format}");
        if !matches!(format, Format::Ndjson | Format::Human) {
            assert_eq!(again, written(format), "{format}");
        }
    }
}

fn events(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect()
}

#[test]
fn events_come_as_they_happen_and_the_report_last() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let port = listener.local_addr().expect("bound").port();
    let program = assert_cmd::cargo::cargo_bin("hubreach");
    let mut child = Command::new(program)
        .args(check(port, &["--format", "ndjson", "--timeout", "20s"]))
        .stdout(Stdio::piped())
        .spawn()
        .expect("runs");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let mut next = || serde_json::from_str::<Value>(&lines.next()?.expect("text")).ok();
    let (mut connection, _) = listener.accept().expect("the check connects");
    // Told while the run waits for this side's hello, not when it ends.
    let mut told = Vec::new();
    while !told.iter().any(|event: &Value| event["stage"] == "connect") {
        told.push(next().expect("an event"));
    }
    std::io::Write::write_all(&mut connection, b"HTTP/1.1 400 Bad Request\r\n\r\n").expect("still there");
    drop((connection, listener));
    told.extend(std::iter::from_fn(next));
    let (last, before) = told.split_last().expect("events");
    assert!(before.iter().all(|event| event["event"].is_string() && event["event"] != "report"), "{before:?}");
    assert_eq!(last["event"], "report");
    schema::validate(&last["report"]);
    assert_eq!(child.wait().expect("ends").code(), Some(1));
}

#[test]
fn a_reader_of_events_that_leaves_does_not_end_the_run() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let saved = dir.path().join("report.json").display().to_string();
    let program = assert_cmd::cargo::cargo_bin("hubreach");
    let mut child = Command::new(program)
        .args(check(closed(), &["--format", "ndjson", "--output", &saved]))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("ends");
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(1), &b""[..]));
    assert!(read_reports(&fs::read_to_string(saved).expect("written")).is_ok());
}

#[cfg(target_os = "linux")]
#[test]
fn events_that_find_no_room_are_told_once_and_cost_no_file() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let saved = dir.path().join("report.json").display().to_string();
    let full = fs::File::options().write(true).open("/dev/full").expect("Linux has it");
    let program = assert_cmd::cargo::cargo_bin("hubreach");
    let arguments = check(closed(), &["--format", "ndjson", "--output", &saved]);
    let output = Command::new(program).args(arguments).stdout(full).output().expect("runs");
    let (status, _, stderr) = super::read(&output);
    assert_eq!((status, stderr.lines().count()), (3, 1), "{stderr}");
    assert!(read_reports(&fs::read_to_string(saved).expect("written")).is_ok());
}
