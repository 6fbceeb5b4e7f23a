//! `hubreach demo`: what a newcomer runs first.

use std::time::{Duration, Instant};

use super::{assert_narrow, run};

#[test]
fn the_demo_shows_a_troubled_network_within_ten_seconds() {
    let began = Instant::now();
    let (status, stdout, stderr) = run(&["demo"]);
    assert_eq!((status, stderr.as_str()), (0, ""), "{stdout}");
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_narrow(&stdout);
    let verdict = |label: &str| {
        let line =
            stdout.lines().find(|line| line.contains(&format!(" {label} "))).unwrap_or_else(|| panic!("{stdout}"));
        line.split_whitespace().next().expect("a verdict").to_lowercase()
    };
    for (label, expected) in [
        ("MQTT over WebSocket", "allowed"),
        ("HTTPS", "allowed"),
        ("AMQP over WebSocket", "declined"),
        ("MQTT  ", "blocked"),
        ("AMQP  ", "blocked"),
    ] {
        assert_eq!(verdict(label), expected, "{label}\n{stdout}");
    }
    assert!(stdout.contains("hubreach explain silent-drop"), "{stdout}");
}

#[test]
fn the_demo_takes_no_arguments() {
    let (status, _, stderr) = run(&["demo", "contoso.azure-devices.net"]);
    assert_eq!((status, stderr.lines().count()), (2, 1), "{stderr}");
}
