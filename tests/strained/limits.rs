//! Few descriptors, and no more threads: no command panics. Each does its work, or says in one sentence why not: status 3, of
//! `health` 1.

use std::{process::Command, time::Duration};

use hubreach::responder::{CertificateAuthority, Responder, ResponderConfig, Validity};
use libtest_mimic::Trial;
use nix::unistd::Uid;

use super::program::{PROGRAM, about, closed, command, end, missing, read, silent, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("few_descriptors", missing(&["prlimit"]), few_descriptors),
        trial("roots_are_not_missed_for_want_of_descriptors", missing(&["prlimit"]), roots_and_descriptors),
        trial("no_more_threads", missing(&["prlimit", "setpriv"]), no_more_threads),
        trial("a_name_is_not_blamed_for_want_of_threads", missing(&["prlimit", "setpriv"]), names_and_threads),
        trial("stderr_takes_nothing", None, stderr_takes_nothing),
    ]
}

/// Every command that a limit could hit, with a port that is closed, so that each ends soon.
fn commands(port: u16, limit: u32) -> Vec<Vec<String>> {
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let mut commands: Vec<_> =
        ["check", "health", "audit", "trace"].map(|name| about(name, port, &["--timeout", "3s"])).into();
    commands.push(about("check", port, &["--timeout", "3s", "--format", "ndjson"]));
    commands.extend(["explain --list", "serve --port mqtt=0,amqp=0,https=0"].map(words));
    // It takes its time.
    commands.extend(limit.is_multiple_of(3).then(|| words("demo")));
    commands.push(words("exporter hub.test --listen 127.0.0.1:0"));
    commands
}

/// Runs `program` with `args` to its end. One that serves is told to end once it has had time to come up.
#[track_caller]
fn run(mut limited: Command, args: &[String]) -> (i32, String, String) {
    let serves = matches!(args[0].as_str(), "serve" | "exporter");
    limited.args(args).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = limited.spawn().expect("runs");
    if serves {
        std::thread::sleep(Duration::from_millis(400));
        let _ = nix::sys::signal::kill(
            nix::unistd::Pid::from_raw(i32::try_from(child.id()).expect("a process id")),
            nix::sys::signal::Signal::SIGTERM,
        );
    }
    end(&mut child, Duration::from_secs(20));
    let output = child.wait_with_output().expect("ended");
    if serves && output.status.code().is_none() {
        // Without a thread that listens, signals do what they do by default.
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&output.status), Some(15), "{args:?}");
        return (0, String::new(), String::new());
    }
    read(&output)
}

#[track_caller]
fn judge(limit: &str, args: &[String], (status, stdout, stderr): (i32, String, String)) {
    assert!(!stderr.contains("panicked"), "{limit}, {args:?}: {stderr}");
    let known = if args[0] == "health" { 0..=1 } else { 0..=3 };
    assert!(known.contains(&status) && status != 2, "{limit}, {args:?}: {status}, {stderr}");
    let failed = stderr.lines().filter(|line| line.starts_with("error: ")).count();
    if status == 3 || (status == 1 && stdout.is_empty()) {
        assert_eq!(failed, 1, "{limit}, {args:?}: {stderr}");
        assert!(stderr.contains("raise the limit"), "{limit}, {args:?}: {stderr}");
    } else {
        assert_eq!(failed, 0, "{limit}, {args:?}: {stderr}");
    }
}

fn few_descriptors() {
    let port = closed();
    let mut refused = 0;
    // With three, not even the program's libraries can be opened.
    for most in 4..=12 {
        for args in commands(port, most) {
            let mut limited = command("prlimit");
            limited.arg(format!("--nofile={most}:{most}")).arg(PROGRAM);
            let ended = run(limited, &args);
            refused += usize::from(ended.0 == 3);
            judge(&format!("{most} descriptors"), &args, ended);
        }
    }
    assert!(refused > 10, "the limits were not felt");
}

/// What could not be read for want of descriptors is not missed in the peer's chain.
fn roots_and_descriptors() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().worker_threads(1).build().expect("a runtime");
    let authority = CertificateAuthority::new().expect("an authority");
    let identity = authority.issue(&["hub.test".to_owned()], Validity::default()).expect("a certificate");
    let hub = runtime.block_on(Responder::start(ResponderConfig::loopback(identity))).expect("a hub");
    let ca = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(ca.path(), authority.pem()).expect("written");
    let mut seen = std::collections::BTreeSet::new();
    for most in 4..=16 {
        for is_given in [false, true] {
            let mut limited = command("prlimit");
            limited.arg(format!("--nofile={most}:{most}")).arg(PROGRAM);
            let mut args = about("check", hub.mqtt().expect("served").port(), &["-q", "--no-experiments"]);
            match is_given {
                true => args.extend(["--ca".to_owned(), ca.path().display().to_string()]),
                false => drop(limited.env("SSL_CERT_FILE", ca.path())),
            }
            let (status, stdout, stderr) = run(limited, &args);
            assert!(matches!(status, 0 | 3), "{most} descriptors: {status}: {stdout}{stderr}");
            assert_eq!(stderr.contains("Too many open files"), status == 3, "{most}: {stderr}");
            seen.insert(status);
        }
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [0, 3], "the limits were not felt, or nothing else was");
}

/// The program as a user who may have `most` threads. Root has no such limit.
fn threads(most: u32) -> Command {
    let limit = format!("--nproc={most}:{most}");
    if !Uid::effective().is_root() {
        let mut limited = command("prlimit");
        limited.args([limit.as_str(), PROGRAM]);
        return limited;
    }
    let mut limited = command("setpriv");
    // A user that nobody else is.
    limited.args(["--reuid=64321", "--regid=64321", "--clear-groups", "prlimit", &limit]);
    limited.arg(PROGRAM).current_dir("/");
    limited
}

fn no_more_threads() {
    let port = closed();
    let mut refused = 0;
    for most in 1..=5 {
        for args in commands(port, most) {
            let ended = run(threads(most), &args);
            refused += usize::from(ended.0 == 3);
            judge(&format!("{most} threads"), &args, ended);
        }
    }
    assert!(refused > 5, "the limits were not felt");
}

fn names_and_threads() {
    let (_listener, port) = silent();
    let port = format!("mqtt={port}");
    for most in 1..=4 {
        let args = ["check", "localhost", "-q", "--kind", "mqtt-broker", "--protocol", "mqtt", "--port", &port];
        let more = ["--depth", "connect", "--timeout", "3s", "-4"];
        let args: Vec<String> = args.iter().chain(&more).map(|word| (*word).to_owned()).collect();
        let (status, stdout, stderr) = run(threads(most), &args);
        assert!(matches!(status, 0 | 3), "{most}: {stdout}{stderr}");
        assert_eq!(status == 3, stderr.contains("no thread can be started"), "{most}: {stdout}{stderr}");
    }
}

/// What is told on stderr is lost, and nothing else.
fn stderr_takes_nothing() {
    let full = std::fs::File::options().write(true).open("/dev/full").expect("Linux has it");
    let check = about("check", closed(), &["--format", "json"]);
    let output =
        command(PROGRAM).env("HUBREACH_LOG", "debug,hubreach=trace").args(check).stderr(full).output().expect("runs");
    let (status, stdout, _) = read(&output);
    assert!(status == 1 && stdout.ends_with("}\n"), "{status}: {stdout}");
}
