//! Readers who do not read, and users who end what runs: the report so far is written, and the program ends.

use std::{
    fs::{self, File},
    io::Write,
    net::TcpListener,
    os::{fd::OwnedFd, unix::process::ExitStatusExt},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use hubreach::report::{self, Report};
use libtest_mimic::Trial;
use nix::{
    fcntl::{FcntlArg, OFlag, fcntl},
    sys::{
        signal::Signal::{self, SIGHUP, SIGINT, SIGTERM},
        stat::Mode,
    },
    unistd::mkfifo,
};

use super::program::{PROGRAM, about, closed, command, end, send, silent, trial, until};

/// What a program that gives up stdout and stderr may take: a second each without a reader, and a busy machine.
const SOON: Duration = Duration::from_secs(6);
/// Who is told twice waits for nothing.
const AT_ONCE: Duration = Duration::from_millis(700);
const SIGNALS: [(Signal, i32); 3] = [(SIGINT, 130), (SIGTERM, 143), (SIGHUP, 129)];

pub fn trials() -> Vec<Trial> {
    vec![
        trial("files_are_there_although_nobody_reads", None, files_are_there_although_nobody_reads),
        trial("a_run_is_ended_although_nobody_reads", None, a_run_is_ended_although_nobody_reads),
        trial("an_audit_is_ended_by_each_signal", None, an_audit_is_ended_by_each_signal),
        trial("nobody_opens_the_pipe_of_a_report", None, nobody_opens_the_pipe_of_a_report),
        trial("nobody_reads_stderr", None, nobody_reads_stderr),
        trial("a_log_is_whole", None, a_log_is_whole),
        trial("a_second_signal_ends_at_once", None, a_second_signal_ends_at_once),
        trial("one_hangup_sends_several_signals", None, one_hangup_sends_several_signals),
        trial("a_slow_reader_gets_all_of_it", None, a_slow_reader_gets_all_of_it),
        trial("health_knows_two_statuses_whatever_happens", None, health_knows_two_statuses),
        trial("nohup_is_respected", None, nohup_is_respected),
        trial("who_serves_ends_well", None, who_serves_ends_well),
    ]
}

/// A pipe with room for nothing more, and who holds its other end.
fn full_pipe() -> (Stdio, OwnedFd) {
    let (reading, writing) = std::io::pipe().expect("pipes exist");
    let (reading, writing) = (OwnedFd::from(reading), OwnedFd::from(writing));
    let flags = fcntl(&writing, FcntlArg::F_GETFL).expect("known");
    let blocking = OFlag::from_bits_retain(flags);
    fcntl(&writing, FcntlArg::F_SETFL(blocking | OFlag::O_NONBLOCK)).expect("set");
    let mut filler = File::from(writing.try_clone().expect("a copy"));
    while filler.write(&[b' '; 4096]).is_ok() {}
    while filler.write(b" ").is_ok() {}
    fcntl(&writing, FcntlArg::F_SETFL(blocking)).expect("set");
    (Stdio::from(writing), reading)
}

fn start(args: &[String], stdout: Stdio) -> Child {
    command(PROGRAM).args(args).stdout(stdout).stderr(Stdio::null()).spawn().expect("runs")
}

/// Waits until a report is there.
#[track_caller]
fn written(path: &Path) -> Vec<Report> {
    let text = until(SOON, || fs::read_to_string(path).ok());
    report::read(&text).expect("it is there whole")
}

fn files_are_there_although_nobody_reads() {
    let dir = tempfile::tempdir().expect("temporary directory");
    for (format, (signal, status)) in ["human", "json", "ndjson"].iter().zip(SIGNALS) {
        let path = dir.path().join(format!("{format}.json"));
        let (stdout, _held) = full_pipe();
        let files = ["--format", format, "--output", path.to_str().expect("UTF-8")];
        let mut child = start(&about("check", closed(), &files), stdout);
        assert!(!written(&path)[0].observations.partial, "{format}");
        // The run is over, and the program still waits for a reader.
        assert!(child.try_wait().expect("known").is_none(), "{format}");
        send(&child, signal);
        let (ended, _) = end(&mut child, SOON);
        assert_eq!(ended.code(), Some(status), "{format}");
    }
}

fn a_run_is_ended_although_nobody_reads() {
    let dir = tempfile::tempdir().expect("temporary directory");
    for (format, (signal, status)) in ["human", "json", "ndjson"].iter().zip(SIGNALS) {
        let path = dir.path().join(format!("{format}.json"));
        let (stdout, _held) = full_pipe();
        let (listener, port) = silent();
        let more = ["--timeout", "1h", "--format", format, "--output", path.to_str().expect("UTF-8")];
        let mut child = start(&about("check", port, &more), stdout);
        let _connection = listener.accept().expect("the check connects");
        send(&child, signal);
        assert!(written(&path)[0].observations.partial, "{format}");
        let (ended, _) = end(&mut child, SOON);
        assert_eq!(ended.code(), Some(status), "{format}");
    }
}

/// A plan of two hubs that never answer, tested one after the other.
fn audit(dir: &Path, port: u16) -> Vec<String> {
    let plan = dir.join("plan.toml");
    let target = |name: &str| {
        format!(
            "[[target]]\nhub = \"{name}\"\nkind = \"mqtt-broker\"\nprotocol = [\"mqtt\"]\naddress = [\"127.0.0.1\"]\n\
             port = {{ mqtt = {port} }}\ntimeout = \"1h\"\n"
        )
    };
    fs::write(&plan, target("a.test") + &target("b.test")).expect("written");
    let path = |name: &str| dir.join(name).display().to_string();
    let words = ["audit".to_owned(), path("plan.toml"), "--jobs".to_owned(), "1".to_owned()];
    words.into_iter().chain(["--output".to_owned(), path("audit.json")]).collect()
}

fn an_audit_is_ended_by_each_signal() {
    for (signal, _) in SIGNALS {
        let dir = tempfile::tempdir().expect("temporary directory");
        let (listener, port) = silent();
        let child = command(PROGRAM)
            .args(audit(dir.path(), port))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("runs");
        let _connection = listener.accept().expect("the audit connects");
        send(&child, signal);
        let output = child.wait_with_output().expect("ends");
        assert_eq!(output.status.code(), Some(1), "{signal}");
        let reports = written(&dir.path().join("audit.json"));
        assert!(reports.len() == 1 && reports[0].observations.partial, "{signal}");
        let screen = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(screen.contains("Cut short: 1 of 2 targets"), "{signal}: {screen}");
    }
}

/// A pipe that nobody has opened yet keeps its writer waiting even before a byte.
fn nobody_opens_the_pipe_of_a_report() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let pipe = dir.path().join("report.html");
    mkfifo(&pipe, Mode::S_IRWXU).expect("a pipe");
    for (name, (signal, status)) in ["check", "audit", "trace"].iter().zip(SIGNALS) {
        let file = dir.path().join(format!("{name}.json"));
        // A trace writes to one after the other.
        let outputs = ["--output", file.to_str().expect("UTF-8"), "--output", pipe.to_str().expect("UTF-8")];
        let mut child = start(&about(name, closed(), &outputs), Stdio::null());
        until(SOON, || fs::metadata(&file).ok());
        // It waits for whoever is to read.
        std::thread::sleep(Duration::from_millis(300));
        assert!(child.try_wait().expect("known").is_none(), "{name}");
        send(&child, signal);
        let (ended, _) = end(&mut child, SOON);
        assert_eq!(ended.code(), Some(status), "{name}: {ended}");
    }
}

/// Logs and notes, too, and in the same pipe.
fn nobody_reads_stderr() {
    let dir = tempfile::tempdir().expect("temporary directory");
    for is_over in [true, false] {
        let path = dir.path().join(format!("{is_over}.json"));
        let (stdout, held) = full_pipe();
        let (listener, port) = silent();
        let port = if is_over { closed() } else { port };
        let more = ["--timeout", "1h", "--output", path.to_str().expect("UTF-8")];
        let args = about("check", port, &more);
        let args = args.iter().filter(|word| !matches!(word.as_str(), "--kind" | "mqtt-broker"));
        let (stderr, also_held) = full_pipe();
        let mut child = command(PROGRAM)
            .env("HUBREACH_LOG", "debug,hubreach=trace")
            .args(args)
            .stdout(stdout)
            .stderr(stderr)
            .spawn()
            .expect("runs");
        let _connection = if is_over { None } else { Some(listener.accept().expect("the check connects")) };
        if !is_over {
            send(&child, SIGTERM);
        }
        assert_eq!(written(&path)[0].observations.partial, !is_over);
        if is_over {
            send(&child, SIGTERM);
        }
        assert_eq!(end(&mut child, SOON).0.code(), Some(143), "{is_over}");
        drop((held, also_held));
    }
}

/// A reader who comes late misses no line.
fn a_log_is_whole() {
    let (mut reading, writing) = std::io::pipe().expect("pipes exist");
    fcntl(&writing, FcntlArg::F_SETPIPE_SZ(4096)).expect("set");
    let check = about("check", closed(), &[]);
    let mut child = command(PROGRAM)
        .env("HUBREACH_LOG", "debug,hubreach=trace")
        .args(check)
        .stdout(Stdio::null())
        .stderr(writing)
        .spawn()
        .expect("runs");
    std::thread::sleep(Duration::from_millis(500));
    let mut log = String::new();
    std::io::Read::read_to_string(&mut reading, &mut log).expect("UTF-8");
    assert_eq!(end(&mut child, SOON).0.code(), Some(1));
    assert!(log.contains("stage ended") && log.ends_with('\n') && !log.contains("lost"), "{log}");
}

fn a_second_signal_ends_at_once() {
    for (first, _) in SIGNALS {
        for (second, status) in SIGNALS {
            let (stdout, _held) = full_pipe();
            let (listener, port) = silent();
            let mut child = start(&about("check", port, &["--timeout", "1h"]), stdout);
            let _connection = listener.accept().expect("the check connects");
            send(&child, first);
            // Long enough to be another signal of its own, too short for the program to have given up its reader.
            std::thread::sleep(Duration::from_millis(600));
            assert!(child.try_wait().expect("known").is_none(), "{first}");
            send(&child, second);
            let (ended, took) = end(&mut child, SOON);
            assert!(ended.code() == Some(status) && took < AT_ONCE, "{first}, {second}: {ended}, {took:?}");
        }
    }
}

fn one_hangup_sends_several_signals() {
    for pair in [[SIGHUP, SIGHUP], [SIGTERM, SIGHUP], [SIGHUP, SIGTERM]] {
        let dir = tempfile::tempdir().expect("temporary directory");
        let (listener, port) = silent();
        let mut child = start(&audit(dir.path(), port), Stdio::null());
        let _connection = listener.accept().expect("the audit connects");
        pair.iter().for_each(|signal| send(&child, *signal));
        let (ended, _) = end(&mut child, SOON);
        assert_eq!(ended.code(), Some(1), "{pair:?}");
        assert!(written(&dir.path().join("audit.json"))[0].observations.partial, "{pair:?}");
    }
}

fn a_slow_reader_gets_all_of_it() {
    let (listener, port) = silent();
    let all = ["mqtt", "amqp", "https", "mqtt-ws", "amqp-ws"].map(|protocol| format!("{protocol}={port}")).join(",");
    let check = ["check", "hub.test", "--address", "127.0.0.1", "--kind", "azure-iot-hub", "--port", &all];
    let more = ["--timeout", "1h", "--format", "json"];
    let args: Vec<String> = check.iter().chain(&more).map(|word| (*word).to_owned()).collect();
    let (mut reading, writing) = std::io::pipe().expect("pipes exist");
    fcntl(&writing, FcntlArg::F_SETPIPE_SZ(4096)).expect("set");
    let mut child = start(&args, Stdio::from(writing));
    let _connection = listener.accept().expect("the check connects");
    send(&child, SIGTERM);
    let mut text = Vec::new();
    let mut piece = [0; 512];
    loop {
        // Slower than the program has patience for the whole, but not standing still.
        std::thread::sleep(Duration::from_millis(120));
        match std::io::Read::read(&mut reading, &mut piece).expect("readable") {
            0 => break,
            read => text.extend(&piece[..read]),
        }
    }
    assert_eq!(end(&mut child, SOON).0.code(), Some(1));
    let text = String::from_utf8(text).expect("UTF-8");
    assert!(text.len() > 5000 && report::read(&text).expect("whole")[0].observations.partial, "{text}");
}

fn health_knows_two_statuses() {
    for (signal, _) in SIGNALS {
        let (listener, port) = silent();
        let (stdout, _held) = full_pipe();
        let mut child = start(&about("health", port, &["--timeout", "1h"]), stdout);
        let _connection = listener.accept().expect("the probe connects");
        send(&child, signal);
        std::thread::sleep(Duration::from_millis(600));
        send(&child, SIGINT);
        assert_eq!(end(&mut child, SOON).0.code(), Some(1), "{signal}");

        let (stdout, _held) = full_pipe();
        let mut child = start(&about("health", closed(), &[]), stdout);
        std::thread::sleep(Duration::from_millis(300));
        send(&child, signal);
        assert_eq!(end(&mut child, SOON).0.code(), Some(1), "{signal}");
    }
}

fn nohup_is_respected() {
    let (listener, port) = silent();
    let script = "trap '' HUP; exec \"$0\" \"$@\"";
    let mut shell = command("sh");
    shell.args(["-c", script, PROGRAM]).args(about("check", port, &["--timeout", "1500ms", "--format", "json"]));
    let child = shell.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("runs");
    let _connection = listener.accept().expect("the check connects");
    send(&child, SIGHUP);
    let output = child.wait_with_output().expect("ends");
    let reports = report::read(&String::from_utf8(output.stdout).expect("UTF-8")).expect("a report");
    assert!(!reports[0].observations.partial, "it was not to hear of it");
}

fn who_serves_ends_well() {
    for args in
        [&["serve", "--port", "mqtt=0,amqp=0,https=0"][..], &["exporter", "hub.test", "--listen", "127.0.0.1:0"]]
    {
        for (signal, _) in SIGNALS {
            let dir = tempfile::tempdir().expect("temporary directory");
            let said = dir.path().join("said");
            let out = File::create(&said).expect("made");
            let mut serving = Command::new(PROGRAM);
            serving.args(args).stdout(out.try_clone().expect("a copy")).stderr(out);
            let mut child = serving.spawn().expect("runs");
            until(SOON, || fs::read_to_string(&said).ok().filter(|text| text.contains("127.0.0.1")));
            // What is said last is that it is ready.
            std::thread::sleep(Duration::from_millis(100));
            send(&child, signal);
            let (ended, _) = end(&mut child, SOON);
            assert!(ended.code() == Some(0) && ended.signal().is_none(), "{args:?}, {signal}: {ended}");
        }
    }
    // The port is free again.
    drop(TcpListener::bind("127.0.0.1:0"));
}
