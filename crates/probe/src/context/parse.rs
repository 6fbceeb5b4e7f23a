//! How settings are written, on the command line and in plan files.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

/// The shortest and the longest run.
const TIMEOUTS: std::ops::RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(3600);

/// A name server: its address, and its port where that is not 53.
///
/// # Errors
/// What to write instead.
pub fn name_server(word: &str) -> Result<SocketAddr, &'static str> {
    let word = word.trim();
    let plain = word.parse().map(|address: IpAddr| SocketAddr::new(address, 53));
    plain.or_else(|_| word.parse()).map_err(
        |_| "a name server is an IP address, for example 10.0.0.53, or with its port: 10.0.0.53:5353, [fd00::53]:5353",
    )
}

/// An address to connect to.
///
/// # Errors
/// What to write instead.
pub fn address(word: &str) -> Result<IpAddr, &'static str> {
    word.trim().parse().map_err(|_| "type an IP address, for example 10.1.2.3 or 2001:db8::1")
}

/// The deadline of a run.
///
/// # Errors
/// What to write instead.
pub fn timeout(word: &str) -> Result<Duration, &'static str> {
    let word = word.trim();
    // A number alone is seconds, as other programs have it.
    let seconds = word.parse().map(Duration::from_secs);
    let duration =
        seconds.or_else(|_| humantime::parse_duration(word)).ok().filter(|duration| TIMEOUTS.contains(duration));
    duration.ok_or("type a time from 100ms to 1h, for example 15s or 500ms")
}
