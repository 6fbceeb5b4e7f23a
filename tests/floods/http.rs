//! As little of an HTTP client as asks an exporter.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    thread::sleep,
    time::{Duration, Instant},
};

use super::program::{self, MOST_KIB, Program};

/// Longer than any answer takes.
const LIMIT: Duration = Duration::from_secs(10);

/// Where an exporter serves that has said so.
pub fn address(said: &str) -> SocketAddr {
    let url = said.lines().find_map(|line| line.split("http://").nth(1)).expect("it says where");
    url.trim().parse().expect("an address")
}

/// The whole answer.
pub fn get(from: SocketAddr, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&from, LIMIT)?;
    stream.set_read_timeout(Some(LIMIT))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: exporter\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// What users are promised of an optimised program; one that is not decrypts floods many times slower.
const HEALTHY_WITHIN: Duration = Duration::from_millis(if cfg!(debug_assertions) { 500 } else { 100 });

/// Asks `exporter`, which serves at `address`, whether it is healthy, again and again for so long: nine of ten answers have to come
/// within [`HEALTHY_WITHIN`]. The slowest do not count, for a busy machine may take its time once or twice; nor does time in which
/// neither of the two was given a processor.
#[track_caller]
pub fn stays_healthy(exporter: &mut Program, address: SocketAddr, time: Duration) {
    let (until, mut times) = (Instant::now() + time, Vec::new());
    while Instant::now() < until || times.len() < 30 {
        let queued = |exporter: &mut Program| exporter.queued() + program::queued("/proc/thread-self/schedstat");
        let (began, before) = (Instant::now(), queued(exporter));
        let answer = get(address, "/-/healthy").expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        times.push(began.elapsed().saturating_sub(queued(exporter).saturating_sub(before)));
        sleep(Duration::from_millis(10));
    }
    times.sort();
    let most = times[times.len() * 9 / 10];
    assert!(most < HEALTHY_WITHIN, "healthy after {most:?}: {times:?}");
    let peak = exporter.peak_kib();
    assert!(peak < MOST_KIB, "{peak} KiB");
}
