//! How many targets this machine can test at a time.

use std::num::NonZeroUsize;

use crate::probe;

/// Targets at a time, where the user says nothing.
pub const JOBS: NonZeroUsize = NonZeroUsize::new(64).unwrap();

/// Connections that one target may have open at once: five checks at four addresses, a second attempt for each, and
/// experiments.
const DESCRIPTORS_PER_TARGET: u64 = 48;
/// Files, pipes, the name servers' sockets.
const OTHER_DESCRIPTORS: u64 = 32;

/// As many of `wanted` as there are file descriptors for; raises this process's own limit as far as the system lets it.
pub fn jobs(wanted: NonZeroUsize) -> NonZeroUsize {
    let Some(descriptors) = probe::descriptors() else { return wanted };
    let most =
        usize::try_from(descriptors.saturating_sub(OTHER_DESCRIPTORS) / DESCRIPTORS_PER_TARGET).unwrap_or(usize::MAX);
    wanted.min(NonZeroUsize::new(most).unwrap_or(NonZeroUsize::MIN))
}
