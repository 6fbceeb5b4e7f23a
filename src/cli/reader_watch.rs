//! Watches the reader of the output: a reader that takes nothing must not keep the program from ending.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use super::signal::{self, Signal};

/// How long the reader may take nothing after the user has asked for the end.
const READER_TIMEOUT: Duration = Duration::from_secs(1);
/// How often hubreach checks what the reader has taken.
pub const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// What the reader has taken.
pub struct ReaderWatch<'a> {
    taken: &'a AtomicUsize,
    taken_before: usize,
    /// Since when the reader has taken nothing, or the user has asked for the end.
    since: Instant,
}

impl<'a> ReaderWatch<'a> {
    pub fn of(taken: &'a AtomicUsize) -> Self {
        Self { taken, taken_before: taken.load(Ordering::Relaxed), since: Instant::now() }
    }

    /// The signal that asks for the end, if the reader has taken nothing for too long since.
    pub fn has_stalled(&mut self) -> Option<Signal> {
        let now = self.taken.load(Ordering::Relaxed);
        let signal = signal::first().filter(|_| now == self.taken_before);
        if signal.is_none() {
            (self.taken_before, self.since) = (now, Instant::now());
        }
        signal.filter(|_| self.since.elapsed() >= READER_TIMEOUT)
    }
}
