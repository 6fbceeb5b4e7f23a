//! What a person sees: progress while it lasts, and nothing of it beside the answer.

use std::{fs, net::UdpSocket, num::NonZeroU16, path::Path, process::Stdio, thread, time::Duration};

use hubreach::report::{self, Report};
use libtest_mimic::Trial;

use super::{
    program::{PROGRAM, about, closed, command, end, missing, silent, trial, until},
    screen::Terminal,
};

/// What stands in lines of progress, and in no answer.
const GHOSTS: [&str; 7] =
    ["resolving", "connecting", "finding out why", "of 2 tested", "waiting for", "answered up to", "^C"];

pub fn trials() -> Vec<Trial> {
    let missing = missing(&["setsid"]);
    vec![
        trial("nothing_is_left_of_a_check_s_progress", missing.clone(), nothing_is_left_of_a_check),
        trial("nothing_is_left_of_an_audit_s_progress", missing.clone(), nothing_is_left_of_an_audit),
        trial("nothing_is_left_of_a_trace_s_progress", missing.clone(), nothing_is_left_of_a_trace),
        trial("a_resized_check_leaves_nothing", missing.clone(), a_check_leaves_nothing_where_the_size_changes),
        trial("a_resized_audit_leaves_nothing", missing.clone(), an_audit_leaves_nothing_where_the_size_changes),
        trial("a_resized_trace_leaves_nothing", missing.clone(), a_trace_leaves_nothing_where_the_size_changes),
        trial("who_reads_ascii_alone_gets_no_more", missing.clone(), who_reads_ascii_alone_gets_no_more),
        trial("a_terminal_without_a_cursor_gets_lines", missing.clone(), a_terminal_without_a_cursor_gets_lines),
        trial("what_is_over_soon_shows_no_progress", missing.clone(), what_is_over_soon_shows_no_progress),
        trial("a_paused_terminal_changes_no_measured_time", missing.clone(), a_paused_terminal_changes_no_time),
        trial("a_slow_line_changes_no_measured_time", missing.clone(), a_slow_line_changes_no_time),
        trial("a_lost_line_costs_no_report", missing, a_lost_line_costs_no_report),
    ]
}

/// The screen shows the answer, from its first line on, and nothing else.
#[track_caller]
fn assert_clean(screen: &str, first: &str) {
    for ghost in GHOSTS {
        assert!(!screen.contains(ghost), "{ghost:?} is left:\n{screen}");
    }
    let spinner = screen.chars().find(|char| ('\u{2800}'..='\u{28ff}').contains(char));
    assert_eq!(spinner, None, "{screen}");
    assert!(screen.starts_with(first), "{screen}");
}

fn nothing_is_left_of_a_check() {
    for is_interrupted in [false, true] {
        let (_listener, port) = silent();
        let timeout = if is_interrupted { "1h" } else { "4s" };
        let mut terminal = Terminal::start(&about("check", port, &["--timeout", timeout]));
        terminal.shows("connect done");
        terminal.shows("finding out why");
        if is_interrupted {
            terminal.press(b"\x03");
        }
        let (status, screen) = terminal.end();
        assert_eq!(status, 1, "{screen}");
        assert_clean(&screen, "hub.test: MQTT ");
    }
}

/// A name that no narrow terminal has room for.
const LONG: &str = "a-name-that-is-far-longer-than-a-narrow-terminal-is-wide.test";

fn a_check_leaves_nothing_where_the_size_changes() {
    let (_listener, port) = silent();
    let port = format!("mqtt={port},mqtt-ws={port}");
    let fixed = ["check", LONG, "--kind", "mqtt-broker", "--port", &port, "--address", "127.0.0.1", "--timeout", "1h"];
    nothing_is_left_where_the_size_changes(&fixed, "finding out why", &LONG[..20]);
}

fn an_audit_leaves_nothing_where_the_size_changes() {
    let (_listener, port) = silent();
    let port = format!("mqtt={port}");
    let fixed = ["audit", LONG, "b.test", "--kind", "mqtt-broker", "--protocol", "mqtt", "--port", &port];
    let args = [&fixed[..], &["--address", "127.0.0.1", "--timeout", "1h"]].concat();
    nothing_is_left_where_the_size_changes(&args, "waiting for", "0 of 2 targets");
}

fn a_trace_leaves_nothing_where_the_size_changes() {
    let server = UdpSocket::bind("127.0.0.1:0").expect("loopback");
    let server = server.local_addr().expect("bound").to_string();
    let args = ["trace", LONG, "--kind", "mqtt-broker", "--resolver", &server, "--timeout", "1h"];
    nothing_is_left_where_the_size_changes(&args, "resolving the name", &LONG[..20]);
}

/// On terminals that wrap anew what they show, and on others; `shown` is in the lines of progress, `first` in the answer.
fn nothing_is_left_where_the_size_changes(args: &[&str], shown: &str, first: &str) {
    let args: Vec<String> = args.iter().map(|word| (*word).to_owned()).collect();
    for is_wrapped in [true, false] {
        let mut terminal = Terminal::start(&args);
        terminal.shows(shown);
        for columns in [40, 100, 60, 40] {
            terminal.widen(NonZeroU16::new(columns).expect("not zero"), is_wrapped);
            let drawn = terminal.states();
            // Drawn once more at least, in the new size.
            until(Duration::from_secs(10), || (terminal.states() > drawn + 1).then_some(()));
        }
        terminal.press(b"\x03");
        let (_, screen) = terminal.end();
        assert_clean(&screen, first);
    }
}

fn who_reads_ascii_alone_gets_no_more() {
    let (_listener, port) = silent();
    let terminal = Terminal::of_kind(&about("check", port, &["--timeout", "2s"]), "xterm", "C");
    terminal.shows("connect done");
    assert!(!terminal.saw_any(|char| !char.is_ascii()));
    let (_, screen) = terminal.end();
    assert_clean(&screen, "hub.test: MQTT ");
}

fn a_terminal_without_a_cursor_gets_lines() {
    let (_listener, port) = silent();
    let terminal = Terminal::of_kind(&about("check", port, &["--timeout", "8s"]), "dumb", "C");
    terminal.shows("MQTT");
    let (status, screen) = terminal.end();
    assert_eq!(status, 1, "{screen}");
    assert!(!screen.contains('\u{1b}') && screen.is_ascii(), "{screen}");
    let told = screen.lines().take_while(|line| !line.starts_with("hub.test: ")).count();
    assert!((1..=4).contains(&told), "{screen}");
}

fn nothing_is_left_of_an_audit() {
    for is_interrupted in [false, true] {
        let (_listener, port) = silent();
        let port = format!("mqtt={port}");
        let timeout = if is_interrupted { "1h" } else { "3s" };
        let fixed = ["audit", "a.test", "b.test", "--kind", "mqtt-broker", "--protocol", "mqtt", "--port", &port];
        let more = ["--address", "127.0.0.1", "--timeout", timeout];
        let args: Vec<String> = fixed.iter().chain(&more).map(|word| (*word).to_owned()).collect();
        let mut terminal = Terminal::start(&args);
        terminal.shows("0 of 2 tested");
        if is_interrupted {
            terminal.press(b"\x03");
        }
        let (status, screen) = terminal.end();
        assert_eq!(status, 1, "{screen}");
        assert_clean(&screen, "0 of 2 targets");
    }
}

fn nothing_is_left_of_a_trace() {
    // A name server that says nothing.
    let server = UdpSocket::bind("127.0.0.1:0").expect("loopback");
    let server = server.local_addr().expect("bound").to_string();
    for is_interrupted in [false, true] {
        let timeout = if is_interrupted { "1h" } else { "1s" };
        let args = ["trace", "hub.test", "--kind", "mqtt-broker", "--resolver", &server, "--timeout", timeout];
        let mut terminal = Terminal::start(&args.map(str::to_owned));
        terminal.shows("resolving the name");
        if is_interrupted {
            terminal.press(b"\x03");
        }
        let (_, screen) = terminal.end();
        assert_clean(&screen, "hub.test");
    }
}

fn what_is_over_soon_shows_no_progress() {
    let terminal = Terminal::start(&about("check", closed(), &["--no-experiments", "--depth", "connect"]));
    let seen = GHOSTS.map(|ghost| (ghost, terminal.saw(ghost)));
    let (status, screen) = terminal.end();
    assert_eq!(status, 1, "{screen}");
    assert_clean(&screen, "hub.test: MQTT ");
    assert!(seen.iter().all(|(_, seen)| !seen), "{seen:?}");
}

/// As when SSH drops.
fn a_lost_line_costs_no_report() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let path = dir.path().join("audit.json");
    let (listener, port) = silent();
    let port = format!("mqtt={port}");
    let fixed = ["audit", "a.test", "--kind", "mqtt-broker", "--protocol", "mqtt", "--port", &port];
    let more = ["--address", "127.0.0.1", "--timeout", "1h", "--output", path.to_str().expect("UTF-8")];
    let args: Vec<String> = fixed.iter().chain(&more).map(|word| (*word).to_owned()).collect();
    let mut terminal = Terminal::start(&args);
    let _connection = listener.accept().expect("the audit connects");
    terminal.shows("0 of 1 tested");
    terminal.hang_up();
    end(&mut terminal.child, Duration::from_secs(5));
    let reports = report::read(&fs::read_to_string(&path).expect("written")).expect("whole");
    assert!(reports.len() == 1 && reports[0].observations.partial);
}

/// How long the hub, which is silent, was waited for in each stage, in milliseconds.
fn measured(file: &Path) -> Vec<f64> {
    let report = Report::from_json(&fs::read_to_string(file).expect("written")).expect("a report");
    let attempt = &report.observations.checks[0].attempts[0];
    let experiments = report.observations.experiments.iter().map(|experiment| experiment.duration_ms);
    [report.observations.checks[0].duration_ms, attempt.tls.duration_ms().expect("begun")]
        .into_iter()
        .chain(experiments)
        .collect()
}

/// A check of a silent hub, with its report in a file.
fn measuring(port: u16, file: &Path) -> Vec<String> {
    about("check", port, &["--timeout", "14s", "--output", &file.display().to_string()])
}

#[track_caller]
fn assert_times_are_equal(file: &Path, undisturbed: &Path) {
    let (shown, wanted) = (measured(file), measured(undisturbed));
    assert_eq!(shown.len(), wanted.len(), "{shown:?} {wanted:?}");
    // What takes no time at all may differ by a few milliseconds.
    let is_near = |(one, other): (&f64, &f64)| (one - other).abs() <= (other * 0.05).max(30.0);
    assert!(shown.iter().zip(&wanted).all(is_near), "{shown:?} {wanted:?}");
    assert!(wanted.iter().any(|took| *took > 4000.0), "something was waited for: {wanted:?}");
}

/// What `watched` makes of a check, with its report in a file, is timed as it is without a terminal at the same time.
fn assert_times_are_kept(watched: impl FnOnce(&[String], &Path) -> (i32, String)) {
    let (_listener, port) = silent();
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (shown, alone) = (dir.path().join("shown.json"), dir.path().join("alone.json"));
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut program = command(PROGRAM);
            let status = program.args(measuring(port, &alone)).stdout(Stdio::null()).stderr(Stdio::null()).status();
            assert_eq!(status.expect("runs").code(), Some(1));
        });
        let (status, screen) = watched(&measuring(port, &shown), &shown);
        assert_eq!(status, 1, "{screen}");
        assert_clean(&screen, "hub.test: MQTT ");
    });
    assert_times_are_equal(&shown, &alone);
}

fn a_paused_terminal_changes_no_time() {
    assert_times_are_kept(|args, report| {
        let mut terminal = Terminal::start(args);
        terminal.shows("connect done");
        // Ctrl-S.
        terminal.press(b"\x13");
        thread::sleep(Duration::from_secs(10));
        // Written while the terminal takes nothing.
        until(Duration::from_secs(10), || report.exists().then_some(()));
        terminal.press(b"\x11");
        terminal.end()
    });
}

fn a_slow_line_changes_no_time() {
    assert_times_are_kept(|args, _| Terminal::on_a_slow_line(args).end());
}
