//! Work that blocks, on a thread of its own.

use std::{
    io,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    thread,
};

use tokio::sync::oneshot;

/// Limits the threads that do such work at once: work that never ends blocks no more than these.
const MAX_THREADS: usize = 512;

static AT_WORK: AtomicUsize = AtomicUsize::new(0);

/// Why such work has no result.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum NoThread {
    /// The system makes no more threads: a limit is reached, as in a container with a limit of processes.
    #[error("no thread can be started ({0})")]
    Limit(String),
    /// Our own limit is reached: files or lookups that never end hold all of them.
    #[error("{MAX_THREADS} threads wait for files or lookups that do not end")]
    TooMany,
    /// The thread ended without a result.
    #[error("a thread ended before its work was done")]
    Lost,
}

/// Does `work`, which may block. Dropping the future abandons the thread: blocking work cannot be cancelled.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, NoThread> {
    let (give, result) = oneshot::channel();
    start(move || {
        // The receiver may be gone.
        let _ = give.send(work());
    })?;
    result.await.map_err(|_| NoThread::Lost)
}

/// Starts `work`, which may block, and does not wait for it.
///
/// The runtime's own pool panics where no thread can be started.
pub(crate) fn start(work: impl FnOnce() + Send + 'static) -> Result<(), NoThread> {
    let counted = Counted::new().ok_or(NoThread::TooMany)?;
    let started = thread::Builder::new().name("blocking".to_owned()).spawn(move || {
        let _counted = counted;
        work();
    });
    started.map(drop).map_err(|error: io::Error| NoThread::Limit(error.to_string()))
}

/// One of the threads, for as long as it is at work.
struct Counted;

impl Counted {
    fn new() -> Option<Self> {
        AT_WORK
            .fetch_update(Relaxed, Relaxed, |at_work| (at_work < MAX_THREADS).then_some(at_work + 1))
            .ok()
            .map(|_| Self)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        AT_WORK.fetch_sub(1, Relaxed);
    }
}
