//! How the user ends a run.

use std::future::pending;

use super::{Status, leave};

/// Ready at the first Ctrl-C; the second one ends the program at once.
pub async fn interrupted() {
    ctrl_c().await;
    tokio::spawn(async {
        ctrl_c().await;
        leave(Status::Interrupted);
    });
}

/// Ready when the program is told to end, by Ctrl-C or as service managers and container engines do.
pub async fn ended() {
    tokio::select! {
        () = ctrl_c() => {}
        () = terminated() => {}
    }
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
