//! Signals are blocked in every thread, and one thread waits for them. That needs no file descriptor.

use nix::{
    errno::Errno,
    sys::signal::{SigSet, SigmaskHow, Signal as Number},
};

use super::Signal;

/// What asks for the end.
const ENDING: [(Number, Signal); 3] =
    [(Number::SIGINT, Signal::Interrupt), (Number::SIGTERM, Signal::Terminate), (Number::SIGHUP, Signal::HangUp)];

#[derive(Debug)]
pub struct Source(SigSet);

impl Source {
    /// Blocks the signals in this thread and in those that it starts from now on.
    pub fn open() -> Option<Self> {
        let mut set = all();
        // As `nohup` wants it: what is to be ignored stays so.
        if is_ignored(Number::SIGHUP) {
            set.remove(Number::SIGHUP);
        }
        set.thread_block().ok()?;
        Some(Self(set))
    }

    /// Signals do again what they do by default.
    pub fn close() {
        // What could be blocked can be unblocked.
        let _ = all().thread_unblock();
    }

    /// Waits for signals, as long as there are any to come.
    pub fn each(&self, mut on_signal: impl FnMut(Signal)) {
        loop {
            match self.0.wait() {
                Ok(number) => {
                    ENDING.iter().filter(|(known, _)| *known == number).for_each(|(_, signal)| on_signal(*signal))
                }
                Err(Errno::EINTR) => {}
                Err(_) => return,
            }
        }
    }
}

/// Does `work` with the signals blocked, so that what it starts has them blocked, too.
pub fn unreached<T>(work: impl FnOnce() -> T) -> T {
    let before = all().thread_swap_mask(SigmaskHow::SIG_BLOCK);
    let done = work();
    // Where they could not be blocked, there is nothing to undo.
    let _ = before.and_then(|before| before.thread_set_mask());
    done
}

fn all() -> SigSet {
    ENDING.iter().map(|(number, _)| *number).collect()
}

/// Whether the process was started with a signal ignored.
#[cfg(target_os = "linux")]
fn is_ignored(number: Number) -> bool {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return false };
    let ignored = status.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
    ignored.is_some_and(|mask| (mask >> (number as i32 - 1)) & 1 == 1)
}

/// Not told by this system without more: left as it is.
#[cfg(not(target_os = "linux"))]
fn is_ignored(_: Number) -> bool {
    true
}
