//! `hubreach audit` as people and CI jobs run it.

#[path = "../support/environment.rs"]
mod environment;

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use hubreach::report;

/// The program, with an environment that says nothing.
fn hubreach(args: &[&str]) -> assert_cmd::Command {
    assert_cmd::Command::from_std(plain(args))
}

pub fn plain(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hubreach"));
    environment::silence(command.args(args));
    command
}

#[track_caller]
fn run(command: &mut assert_cmd::Command) -> (i32, String, String) {
    let output = command.output().expect("runs");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    (output.status.code().expect("ended by itself"), text(&output.stdout), text(&output.stderr))
}

/// One that listens and says nothing, and a port where nothing listens.
pub fn ports() -> (TcpListener, u16, u16) {
    let bind = || TcpListener::bind("127.0.0.1:0").expect("loopback");
    let port = |listener: &TcpListener| listener.local_addr().expect("bound").port();
    let (open, closed) = (bind(), bind());
    let (number, gone) = (port(&open), port(&closed));
    (open, number, gone)
}

/// A plan of two brokers: one can be connected to, the other cannot and must be `require`d or not.
pub fn plan(dir: &Path, open: u16, closed: u16, require: &str) -> PathBuf {
    let path = dir.join("plan.toml");
    let text = format!(
        "title = \"Two brokers\"\n\
         [defaults]\nkind = \"mqtt-broker\"\nprotocol = [\"mqtt\"]\naddress = [\"127.0.0.1\"]\ndepth = \"connect\"\n\
         [[target]]\nhub = \"open.test\"\nport = {{ mqtt = {open} }}\n\
         [[target]]\nhub = \"closed.test\"\nport = {{ mqtt = {closed} }}\nrequire = \"{require}\"\n"
    );
    fs::write(&path, text).expect("written");
    path
}

#[test]
fn what_is_required_decides_the_status() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let (_listener, open, closed) = ports();
    for (require, wanted) in [("any", 1), ("none", 0)] {
        let path = plan(dir.path(), open, closed, require);
        let path = path.to_str().expect("UTF-8");
        let (status, stdout, stderr) = run(&mut hubreach(&["audit", path, "--format", "json"]));
        assert_eq!((status, stderr.as_str()), (wanted, ""), "{require}");
        let reports = report::read(&stdout).expect("an audit");
        let met: Vec<bool> = reports.iter().map(|report| report.diagnosis.requirement_met).collect();
        assert_eq!(met, [true, require == "none"]);
    }
}

#[test]
fn hubs_come_from_the_command_line_or_from_stdin() {
    let (_listener, open, _) = ports();
    let port = format!("mqtt={open}");
    let options = [
        "--kind",
        "mqtt-broker",
        "--protocol",
        "mqtt",
        "--port",
        &port,
        "--address",
        "127.0.0.1",
        "--depth",
        "connect",
    ];
    let hosts = |stdout: &str| -> Vec<String> {
        report::read(stdout).expect("an audit").into_iter().map(|report| report.observations.hub.host).collect()
    };
    let typed = [&["audit", "a.test", "b.test", "--format", "ndjson"], &options[..]].concat();
    let (status, stdout, stderr) = run(&mut hubreach(&typed));
    assert_eq!((status, stderr.as_str()), (0, ""));
    let mut found = hosts(&stdout);
    found.sort_unstable();
    assert_eq!(found, ["a.test", "b.test"]);

    let piped = [&["audit", "-", "--format", "json"], &options[..]].concat();
    let list = "# the site's hubs\n\na.test\n  b.test  # the second\n";
    let (status, stdout, stderr) = run(hubreach(&piped).write_stdin(list));
    assert_eq!((status, stderr.as_str()), (0, ""));
    assert_eq!(hosts(&stdout), ["a.test", "b.test"]);
}

/// An optimised program begins within a second; this bound is for one that is built for tests, on a busy machine. Work that
/// grew with the square of the targets would take minutes.
#[test]
fn ten_thousand_hubs_begin_at_once() {
    const SOON: Duration = Duration::from_secs(5);
    let (dir, (open, port, _)) = (tempfile::tempdir().expect("temporary directory"), ports());
    let path = dir.path().join("plan.toml");
    let mut text = format!(
        "[defaults]\nkind = \"mqtt-broker\"\nprotocol = [\"mqtt\"]\naddress = [\"127.0.0.1\"]\nport = {{ mqtt = {port} }}\n"
    );
    text.extend((0..10_000).map(|number| format!("[[target]]\nhub = \"device-{number:05}.test\"\n")));
    fs::write(&path, text).expect("written");
    let began = Instant::now();
    let mut audit = plain(&["audit", &path.display().to_string()]).stdout(Stdio::null()).spawn().expect("runs");
    open.accept().expect("a connection");
    let took = began.elapsed();
    audit.kill().and_then(|()| audit.wait()).expect("ended");
    assert!(took < SOON, "{took:?}");
}

#[test]
fn what_the_reports_come_to_is_told_and_kept() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let (_listener, open, closed) = ports();
    let path = plan(dir.path(), open, closed, "any");
    let saved = dir.path().join("audit.json");
    let saved = saved.to_str().expect("UTF-8");
    let audit = ["audit", path.to_str().expect("UTF-8"), "--format", "ndjson", "--output", saved];
    let (status, stdout, _) = run(&mut hubreach(&audit));
    let last: serde_json::Value = serde_json::from_str(stdout.lines().last().expect("a line")).expect("JSON");
    assert_eq!((status, &last["event"], &last["title"]), (1, &"audit".into(), &"Two brokers".into()));
    assert_eq!((&last["planned"], &last["tested"], &last["ready"]), (&2.into(), &2.into(), &1.into()));
    assert_eq!(last["actions"][0]["targets"][0]["host"], "closed.test");
    // Judged again from the file, it is the same audit.
    let (status, again, _) = run(&mut hubreach(&["diagnose", saved, "--format", "json"]));
    assert_eq!((status, again), (1, fs::read_to_string(saved).expect("written")));
    let (_, screen, _) = run(&mut hubreach(&["diagnose", saved]));
    assert!(screen.starts_with("Two brokers: 1 of 2 targets are ready"), "{screen}");
}

#[test]
fn wrong_input_is_one_line_and_status_two() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let path = dir.path().join("plan.toml");
    fs::write(&path, "[[target]]\nhub = \"a.example\"\nrequires = \"all\"\n").expect("written");
    let plan = path.to_str().expect("UTF-8");
    for (args, hint) in [
        (vec!["audit"], "PLAN.toml"),
        (vec!["audit", plan], "plan.toml, line 3: unknown key `requires`; did you mean `require`?"),
        (vec!["audit", plan, "--timeout", "3s"], "--timeout does not go with a plan file"),
        (vec!["audit", plan, "a.example"], "must stand alone"),
        (vec!["audit", "-", "a.example"], "must stand alone"),
        (vec!["audit", "/nonexistent/plan.toml"], "cannot read"),
        (vec!["audit", "a.example", "a.example"], "already"),
        (vec!["audit", "a.example", "contoso"], "contoso.azure-devices.net"),
        (vec!["audit", "a.example", "--jobs", "0"], "--jobs"),
        (vec!["audit", "a.example", "--ca", "/nonexistent/ca.pem"], "PEM"),
        (vec!["audit", "a.example", "--require", "amqp", "--protocol", "mqtt"], "amqp is required but not tested"),
    ] {
        let (status, stdout, stderr) = run(&mut hubreach(&args));
        assert_eq!((status, stdout.as_str()), (2, ""), "{args:?}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{args:?}: {stderr}");
        assert!(stderr.contains(hint), "{args:?}: {stderr}");
    }
    let (status, _, stderr) = run(hubreach(&["audit", "-"]).write_stdin("# none\n"));
    assert!(status == 2 && stderr.contains("names no hub"), "{stderr}");
    let (status, _, stderr) = run(hubreach(&["audit", "-"]).write_stdin("a.example\n\nSharedAccessKey=c2VjcmV0\n"));
    assert!(status == 2 && stderr.contains("line 3") && !stderr.contains("c2VjcmV0"), "{stderr}");
}

#[test]
fn a_run_that_is_repeated_tells_what_changed() {
    let dir = tempfile::tempdir().expect("a directory");
    let (_open, number, closed) = ports();
    let (path, before) = (plan(dir.path(), number, closed, "none"), dir.path().join("before.json"));
    let audit = |more: &[&str]| run(&mut hubreach(&[&["audit", &path.to_string_lossy()], more].concat()));
    let (status, _, stderr) = audit(&["--output", &before.to_string_lossy()]);
    assert_eq!(status, 0, "{stderr}");
    let baseline = before.to_string_lossy().into_owned();
    let (status, stdout, stderr) = audit(&["--baseline", &baseline]);
    assert_eq!(status, 0, "{stderr}");
    assert!(stdout.contains("What changed\nNothing that was allowed is lost: 2 unchanged"), "{stdout}");
    // A wrong file costs no time: nothing is tested.
    for (file, told) in [(path.to_string_lossy().into_owned(), "not JSON"), ("gone.json".to_owned(), "cannot read")] {
        let (status, stdout, stderr) = audit(&["--baseline", &file]);
        assert_eq!((status, stdout.as_str()), (2, ""), "{stderr}");
        assert!(stderr.contains(told), "{stderr}");
    }
    let other = hubreach(&["audit", "192.0.2.1", "--baseline", &baseline]).output().expect("runs");
    assert_eq!(other.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&other.stderr).contains("none of the hubs"));
}
