//! Whether bytes still arrive: a slow link needs time, which is not silence.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::{Duration, Instant};

/// Each further 256 bytes count as progress: less is not worth waiting for.
const PROGRESS_BYTES: u64 = 256;
/// Smaller reads do not count. A peer that drips sends a byte now and then, each in a TLS record of its own, and must
/// not extend a stage.
const MIN_READ: u64 = 64;
/// A longer gap is not a transfer. At the slowest rate to which mobile networks throttle, a full packet takes this
/// long.
const MAX_GAP: Duration = Duration::from_millis(1300);

/// What all connections of a run's attempts received together. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct TransferMeter(Arc<Mutex<Counts>>);

#[derive(Debug, Clone, Copy)]
struct Counts {
    bytes: u64,
    began: Instant,
    /// When the last progress was made.
    last: Option<Instant>,
    /// How long bytes arrived without a gap above [`MAX_GAP`].
    busy: Duration,
}

/// How many bytes arrived, and in what time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Transferred {
    pub(crate) bytes: u64,
    pub(crate) busy: Duration,
}

impl TransferMeter {
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        Self(Arc::new(Mutex::new(Counts { bytes: 0, began: now, last: None, busy: Duration::ZERO })))
    }

    /// One read has returned `bytes`.
    pub(crate) fn add(&self, bytes: u64) {
        if bytes < MIN_READ {
            return;
        }
        let mut counts = self.lock();
        let before = counts.bytes;
        counts.bytes += bytes;
        if counts.bytes / PROGRESS_BYTES > before / PROGRESS_BYTES {
            let now = Instant::now();
            let gap = counts.last.map(|last| now.saturating_duration_since(last));
            counts.busy += gap.filter(|gap| *gap <= MAX_GAP).unwrap_or_default();
            counts.last = Some(now);
        }
    }

    /// When the last progress was made, or the run began.
    pub(crate) fn last(&self) -> Instant {
        let Counts { began, last, .. } = *self.lock();
        last.unwrap_or(began)
    }

    pub(crate) fn transferred(&self) -> Transferred {
        let Counts { bytes, busy, .. } = *self.lock();
        Transferred { bytes, busy }
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        // A panic here leaves no half-made change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn only_what_is_worth_waiting_for_moves() {
        let meter = TransferMeter::new();
        let began = meter.last();
        for _ in 0..1000 {
            tokio::time::advance(Duration::from_millis(20)).await;
            meter.add(30);
        }
        meter.add(200);
        assert_eq!(meter.last(), began);
        meter.add(200);
        assert!(meter.last() > began);
    }

    #[tokio::test(start_paused = true)]
    async fn a_gap_is_not_counted_as_transfer() {
        let meter = TransferMeter::new();
        for wait_ms in [0, 500, 500, 5000, 500] {
            tokio::time::advance(Duration::from_millis(wait_ms)).await;
            meter.add(1000);
        }
        assert_eq!(meter.transferred(), Transferred { bytes: 5000, busy: Duration::from_millis(1500) });
    }
}
