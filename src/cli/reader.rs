//! Who reads what the program writes: one who reads nothing does not keep it from its end.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use super::signals::{self, Signal};

/// How long the reader may take nothing after the user has asked for the end.
const READER_TIMEOUT: Duration = Duration::from_secs(1);
/// How often hubreach checks what the reader has taken.
pub const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// What a reader has taken of late.
pub struct Reader<'a> {
    taken: &'a AtomicUsize,
    seen: usize,
    /// Since when it is no more, or the user has wanted the end.
    since: Instant,
}

impl<'a> Reader<'a> {
    pub fn of(taken: &'a AtomicUsize) -> Self {
        Self { taken, seen: taken.load(Ordering::Relaxed), since: Instant::now() }
    }

    /// The signal by which the user wants the end, where the reader has taken nothing for too long since.
    pub fn is_given_up(&mut self) -> Option<Signal> {
        let now = self.taken.load(Ordering::Relaxed);
        let signal = signals::first().filter(|_| now == self.seen);
        if signal.is_none() {
            (self.seen, self.since) = (now, Instant::now());
        }
        signal.filter(|_| self.since.elapsed() >= READER_TIMEOUT)
    }
}
