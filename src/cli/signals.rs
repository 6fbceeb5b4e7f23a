//! How the user ends a run.

use std::future::{Future, pending};

use super::{Status, leave};

/// Ready at the first Ctrl-C; the second one ends the program at once.
pub async fn interrupted() {
    ctrl_c().await;
    tokio::spawn(async {
        ctrl_c().await;
        leave(Status::Interrupted);
    });
}

/// Listens from now on for being told to end, by Ctrl-C or as service managers and container engines do; what it gives
/// is ready when that happens.
pub async fn ended() -> impl Future<Output = ()> {
    let told = tokio::spawn(async {
        tokio::select! {
            () = ctrl_c() => {}
            () = terminated() => {}
        }
    });
    // Handlers are installed when first waited for: that is now, not after the user was told that we are ready.
    tokio::task::yield_now().await;
    async { drop(told.await) }
}

/// Never ready where signals cannot be had: the default, to die of it, then stands.
async fn ctrl_c() {
    if tokio::signal::ctrl_c().await.is_err() {
        pending::<()>().await;
    }
}

#[cfg(unix)]
async fn terminated() {
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut signal) => drop(signal.recv().await),
        Err(_) => pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    pending().await
}
