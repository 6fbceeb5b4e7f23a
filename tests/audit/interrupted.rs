//! `hubreach audit`, read while it runs, and ended by Ctrl-C.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::Stdio,
};

use hubreach::report;

use super::command::{plain, plan, ports};

#[test]
fn each_finished_target_is_a_line_of_ndjson_at_once() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let (_listener, open, closed) = ports();
    let path = plan(dir.path(), open, closed, "any");
    // The second target stands still until long after the first is told.
    let text = fs::read_to_string(&path).expect("written");
    let text = text.replace("hub = \"closed.test\"\n", "hub = \"closed.test\"\ndepth = \"tls\"\ntimeout = \"1h\"\n");
    fs::write(&path, text.replace(&format!("mqtt = {closed}"), &format!("mqtt = {open}"))).expect("written");
    let mut child = plain(&["audit", path.to_str().expect("UTF-8"), "--format", "ndjson"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let first: serde_json::Value = serde_json::from_str(&lines.next().expect("a line").expect("UTF-8")).expect("JSON");
    assert_eq!((&first["event"], &first["report"]["hub"]["host"]), (&"report".into(), &"open.test".into()));
    interrupt(&child);
    let rest: Vec<String> = lines.map(|line| line.expect("UTF-8")).collect();
    let second: serde_json::Value = serde_json::from_str(&rest[0]).expect("JSON");
    assert_eq!((&second["report"]["hub"]["host"], &second["report"]["partial"]), (&"closed.test".into(), &true.into()));
    assert_eq!(child.wait().expect("ends").code(), Some(1));
}

#[test]
fn what_ctrl_c_leaves_is_a_whole_report() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let (_listener, open, closed) = ports();
    let path = plan(dir.path(), open, closed, "any");
    let text =
        fs::read_to_string(&path).expect("written").replace("depth = \"connect\"", "depth = \"tls\"\ntimeout = \"1h\"");
    fs::write(&path, text).expect("written");
    let saved = dir.path().join("audit.json");
    let marker = dir.path().join("begun.ndjson");
    let out = fs::File::create(&marker).expect("created");
    let child = plain(&[
        "audit",
        path.to_str().expect("UTF-8"),
        "--jobs",
        "1",
        "--format",
        "ndjson",
        "--output",
        saved.to_str().expect("UTF-8"),
    ])
    .stdout(out)
    .stderr(Stdio::piped())
    .spawn()
    .expect("starts");
    // The first target is under way as soon as its connection has arrived.
    let _connection = _listener.accept().expect("connects");
    interrupt(&child);
    let output = child.wait_with_output().expect("ends");
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let text = fs::read_to_string(&saved).expect("written");
    let reports = report::read(&text).expect("an audit");
    assert_eq!(reports.len(), 1, "the second was never begun");
    assert!(reports[0].observations.partial);
}

/// Ctrl-C.
fn interrupt(child: &std::process::Child) {
    let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).expect("a process id"));
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).expect("can be signalled");
}
