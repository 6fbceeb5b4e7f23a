//! Work that blocks, on a thread of its own.

use std::{io, thread};

use tokio::sync::oneshot;

/// Why such work has no result.
#[derive(Debug, thiserror::Error)]
pub enum NoThread {
    /// The system makes no more threads: a limit is reached, as in a container with a limit of processes.
    #[error("no thread can be started ({0})")]
    Limit(#[from] io::Error),
    /// The thread ended without a result.
    #[error("a thread ended before its work was done")]
    Lost,
}

/// Does `work`, which may block. Dropping the future leaves the thread behind: what blocks cannot be cancelled.
///
/// The runtime's own pool panics where no thread can be started.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, NoThread> {
    let (give, result) = oneshot::channel();
    thread::Builder::new().name("blocking".to_owned()).spawn(move || {
        // Nobody may be waiting any more.
        let _ = give.send(work());
    })?;
    result.await.map_err(|_| NoThread::Lost)
}
