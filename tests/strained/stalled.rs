//! Files that keep their reader waiting for ever, as on a file system that hangs: no command outlasts its deadline for them,
//! and the first signal ends each.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
    thread::sleep,
    time::Duration,
};

use libtest_mimic::Trial;
use nix::{
    sys::{signal::Signal, stat::Mode},
    unistd::mkfifo,
};

use super::program::{PROGRAM, about, closed, command, end, hubreach, send, silent, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("roots_that_never_come_end_by_the_deadline", None, roots_end_by_the_deadline),
        trial("roots_that_never_come_are_given_up_at_a_signal", None, roots_are_given_up_at_a_signal),
        trial("a_plan_that_never_comes_is_given_up_at_a_signal", None, plans_are_given_up_at_a_signal),
        trial("one_target_s_roots_never_come", None, one_target_s_roots_never_come),
        trial("local_time_that_never_comes_is_unknown", None, local_time_is_unknown),
        trial("files_without_end_are_refused", None, files_without_end_are_refused),
        trial("a_pipe_of_a_list_is_read_from_its_beginning", None, a_pipe_is_read_from_its_beginning),
    ]
}

/// A pipe that nobody writes to.
struct Stalled {
    path: PathBuf,
    _dir: tempfile::TempDir,
}

fn stalled(name: &str) -> Stalled {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join(name);
    mkfifo(&path, Mode::S_IRWXU).expect("a pipe");
    Stalled { path, _dir: dir }
}

impl Stalled {
    fn word(&self) -> String {
        self.path.display().to_string()
    }
}

/// Each command with a store that stalls: that of the options, and the machine's own.
fn with_stalled_roots(stalled: &Stalled, timeout: &str) -> Vec<(Vec<String>, Command)> {
    let mut commands = Vec::new();
    for name in ["check", "health", "audit"] {
        for is_given in [true, false] {
            let mut args = about(name, closed(), &["--timeout", timeout]);
            let mut command = command(PROGRAM);
            match is_given {
                true => args.extend(["--ca".to_owned(), stalled.word()]),
                false => drop(command.env("SSL_CERT_FILE", &stalled.path)),
            }
            command.args(&args).stdout(Stdio::piped()).stderr(Stdio::piped());
            commands.push((args, command));
        }
    }
    let mut exporter = hubreach(&["exporter", "hub.test", "--listen", "127.0.0.1:0", "--timeout", timeout]);
    exporter.env("SSL_CERT_FILE", &stalled.path).stdout(Stdio::piped()).stderr(Stdio::piped());
    commands.push((vec!["exporter".to_owned()], exporter));
    commands
}

fn roots_end_by_the_deadline() {
    let stalled = stalled("roots.pem");
    for (args, mut command) in with_stalled_roots(&stalled, "1s") {
        let mut child = command.spawn().expect("runs");
        let (status, took) = end(&mut child, Duration::from_secs(10));
        let output = child.wait_with_output().expect("ended");
        let stderr = String::from_utf8_lossy(&output.stderr);
        let expected = if args[0] == "health" { 1 } else { 3 };
        assert_eq!(status.code(), Some(expected), "{args:?}: {stderr}");
        assert!(stderr.contains("could not be read by the deadline"), "{args:?}: {stderr}");
        assert!(took >= Duration::from_millis(900) && took < Duration::from_secs(3), "{args:?}: {took:?}");
    }
}

fn roots_are_given_up_at_a_signal() {
    let stalled = stalled("roots.pem");
    for (args, mut command) in with_stalled_roots(&stalled, "60s") {
        let mut child = command.spawn().expect("runs");
        sleep(Duration::from_millis(400));
        send(&child, Signal::SIGINT);
        let (status, took) = end(&mut child, Duration::from_secs(10));
        let output = child.wait_with_output().expect("ended");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(took < Duration::from_secs(1), "{args:?}: {took:?}");
        match args[0].as_str() {
            "health" => assert_eq!(status.code(), Some(1), "{args:?}: {stderr}"),
            // It has nothing to say yet, and serves nobody: the signal does what it does by default.
            "exporter" => assert_eq!(status.code(), None, "{args:?}: {stderr}"),
            _ => assert_eq!(status.code(), Some(130), "{args:?}: {stderr}"),
        }
        let told = args[0] == "exporter" || stderr.contains("interrupted before anything was tested");
        assert!(told, "{args:?}: {stderr}");
    }
}

fn plans_are_given_up_at_a_signal() {
    let (plan, list, before) = (stalled("site.toml"), stalled("hubs.txt"), stalled("before.json"));
    let (plan, list, before) = (plan.word(), list.word(), before.word());
    for words in [vec![&*plan], vec!["-"], vec![&list], vec!["hub.test", "--baseline", &before]] {
        let word = words.join(" ");
        let mut audit = hubreach(&[&["audit"], &*words].concat());
        // Nothing comes, and it does not end.
        audit.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = audit.spawn().expect("runs");
        let kept_open = child.stdin.take();
        sleep(Duration::from_millis(400));
        send(&child, Signal::SIGINT);
        let (status, took) = end(&mut child, Duration::from_secs(10));
        let output = child.wait_with_output().expect("ended");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(status.code(), Some(130), "{word}: {stderr}");
        assert!(took < Duration::from_secs(1), "{word}: {took:?}");
        assert!(stderr.contains("was still being read") && stderr.lines().count() == 1, "{word}: {stderr}");
        drop(kept_open);
    }
}

/// Where the files of time zones are on a file system that hangs, say.
fn local_time_is_unknown() {
    let stalled = stalled("zone");
    for name in ["check", "trace"] {
        let mut args = vec![name, "hub.test", "--address", "127.0.0.1", "--kind", "mqtt-broker", "--timeout", "2s"];
        let port = format!("mqtt={}", closed());
        args.extend(["--format", "json", "--port", &port, "--protocol", "mqtt"]);
        let mut command = hubreach(&args);
        command.env("TZ", &stalled.path).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("runs");
        let (_, took) = end(&mut child, Duration::from_secs(10));
        let output = child.wait_with_output().expect("ended");
        let report = String::from_utf8_lossy(&output.stdout);
        assert!(took < Duration::from_millis(2200), "{name}: {took:?}");
        assert!(report.contains("\"started_at\"") && !report.contains("utc_offset_minutes"), "{name}: {report}");
        let told = hubreach(&args).env("TZ", "XST-2").output().expect("runs");
        let report = String::from_utf8_lossy(&told.stdout);
        assert!(report.contains("\"utc_offset_minutes\": 120"), "{name}: {report}");
    }
}

fn files_without_end_are_refused() {
    let endless = "/dev/zero";
    let serve = ["serve", "--listen", "127.0.0.1:0", "--cert", endless, "--key", endless];
    let mut all = vec![serve.map(str::to_owned).to_vec()];
    all.extend(["--ca", "--hub-ca"].map(|option| about("check", closed(), &[option, endless])));
    for args in all {
        let mut command = command(PROGRAM);
        let mut child = command.args(&args).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("runs");
        let (status, _) = end(&mut child, Duration::from_secs(10));
        let output = child.wait_with_output().expect("ended");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(status.code(), Some(2), "{args:?}: {stderr}");
        assert!(stderr.contains("it is larger than any such file"), "{args:?}: {stderr}");
    }
}

fn a_pipe_is_read_from_its_beginning() {
    let list = stalled("hubs.txt");
    let mut audit =
        hubreach(&["audit", &list.word(), "--address", "127.0.0.1", "--depth", "connect", "--format", "csv"]);
    let child = audit.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("runs");
    std::fs::write(&list.path, "first.test\nsecond.test\n").expect("it is read");
    let output = child.wait_with_output().expect("ended");
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(report.contains("first.test") && report.contains("second.test"), "{output:?}");
}

/// The roots of one target stall only once the audit runs: they were there when the plan was read.
fn one_target_s_roots_never_come() {
    let (dir, (listener, port)) = (tempfile::tempdir().expect("a directory"), silent());
    let authority = hubreach::responder::CertificateAuthority::new().expect("an authority");
    let roots = dir.path().join("roots.pem");
    std::fs::write(&roots, authority.pem()).expect("written");
    let plan = dir.path().join("site.toml");
    let target = |host: &str| {
        format!(
            "[[target]]\nhub = \"{host}\"\nkind = \"mqtt-broker\"\nprotocol = [\"mqtt\"]\naddress = [\"127.0.0.1\"]\nport = {{ mqtt = {port} }}\nca = \"roots.pem\"\n"
        )
    };
    let text = format!("[defaults]\ntimeout = \"2s\"\n{}{}", target("a.test"), target("b.test"));
    std::fs::write(&plan, text).expect("written");
    let mut audit = hubreach(&["audit", &plan.display().to_string(), "--jobs", "1", "--format", "json"]);
    let mut child = audit.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("runs");
    sleep(Duration::from_millis(500));
    std::fs::remove_file(&roots).expect("there");
    mkfifo(&roots, Mode::S_IRWXU).expect("a pipe");
    let (_, took) = end(&mut child, Duration::from_secs(15));
    let output = child.wait_with_output().expect("ended");
    assert!(took < Duration::from_secs(6), "{took:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    let audit: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
    assert_eq!(audit["reports"].as_array().map(Vec::len), Some(2), "{audit}");
    drop(listener);
}
