//! What something took: wall time, processor time, memory.

use std::time::{Duration, Instant};

use nix::sys::{
    resource::{Usage, UsageWho, getrusage},
    time::TimeValLike,
};

#[derive(Debug, Clone, Copy)]
pub struct Cost {
    pub wall: Duration,
    /// User and system time of all threads.
    pub cpu: Duration,
    /// The most memory of any process so far, in KiB.
    pub peak: u64,
}

impl Cost {
    pub const HEADINGS: &str = "  wall s   cpu s  checks per cpu s  peak MB";

    pub fn row(&self, checks: usize) -> String {
        let (wall, cpu) = (self.wall.as_secs_f64(), self.cpu.as_secs_f64());
        #[allow(clippy::cast_precision_loss, reason = "printed with few digits")]
        let (rate, peak) = (checks as f64 / cpu, self.peak as f64 / 1024.0);
        format!("{wall:>8.2} {cpu:>7.2} {rate:>17.0} {peak:>8.1}")
    }
}

/// What the processes cost that `work` starts and waits for.
pub fn children(work: impl FnOnce()) -> Cost {
    let used = || getrusage(UsageWho::RUSAGE_CHILDREN).expect("known");
    let cpu = |usage: &Usage| {
        let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
        Duration::from_micros(u64::try_from(micros).unwrap_or_default())
    };
    let (before, began) = (used(), Instant::now());
    work();
    let (wall, after) = (began.elapsed(), used());
    Cost { wall, cpu: cpu(&after) - cpu(&before), peak: u64::try_from(after.max_rss()).unwrap_or_default() }
}
