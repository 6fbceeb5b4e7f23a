//! Whatever is printed for people is as wide as the screen: a check, an audit, a trace, a difference, a saved audit.

use std::fs;

use hubreach::report::{Audit, Format};

use super::{hubreach, read, support::samples};

/// Columns of the widest line that `args` print on a screen of so many.
fn widest(columns: &str, args: &[&str]) -> usize {
    let output = hubreach(args).env("COLUMNS", columns).output().expect("runs");
    let (_, stdout, stderr) = read(&output);
    assert_eq!(stderr, "", "{args:?}");
    stdout.lines().map(|line| line.chars().count()).max().unwrap_or_default()
}

#[test]
fn what_is_printed_is_as_wide_as_the_screen() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let path = |name: &str| dir.path().join(name).display().to_string();
    let (before, after, text) = (path("before.json"), path("after.json"), path("after.txt"));
    let audit = |reports: &[_]| Audit::of(reports.to_vec()).render(Format::Json);
    fs::write(&before, audit(&[samples::healthy(), samples::field()])).expect("writable");
    fs::write(&after, audit(&[samples::field(), samples::unresolved()])).expect("writable");
    // Nothing listens on the ports that a listener has just let go of.
    let free = || std::net::TcpListener::bind("127.0.0.1:0").and_then(|one| one.local_addr()).expect("a port").port();
    let port = format!("mqtt={}", free());
    let of_a_hub = |command| {
        let host = [command, "hub.example", "--address", "127.0.0.1"];
        [&host[..], &["--kind", "mqtt-broker", "--protocol", "mqtt", "--port", &port]].concat()
    };
    let (check, site) = (of_a_hub("check"), of_a_hub("audit"));
    // Three ports side by side need more than the narrowest screen.
    let ports = format!("mqtt={},amqp={},https={}", free(), free(), free());
    let trace = ["trace", "hub.example", "--address", "127.0.0.1", "--kind", "azure-iot-hub", "--port", &ports];
    let saved = ["diagnose", after.as_str(), "--output", text.as_str()];
    let commands: [&[&str]; 6] = [
        &["demo"],
        &["diff", before.as_str(), after.as_str()],
        &saved,
        &check,
        &site,
        if cfg!(target_os = "linux") { &trace } else { &check },
    ];
    for command in commands {
        let widths = ["40", "80", "120"].map(|columns| widest(columns, command));
        assert!(widths[0] <= 40 && widths[1] <= 80 && widths[2] <= 120, "{command:?}: {widths:?}");
        assert!(widths[0] < widths[1], "a wider screen is made use of: {command:?}: {widths:?}");
    }
    let written = fs::read_to_string(text).expect("written");
    let widest = written.lines().map(|line| line.chars().count()).max();
    assert!(widest.is_some_and(|widest| (60..=80).contains(&widest)), "a file has no screen: {widest:?}");
}
