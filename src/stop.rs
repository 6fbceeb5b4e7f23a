//! How a run is ended from outside.

use std::sync::Arc;

use tokio::sync::watch;

/// Ends what it was given to: a check, a trace, an audit, an exporter. Clones share one state, so that one is kept and one is
/// given away. Stopping is final, and may come from any thread.
///
/// What is stopped ends soon, with whatever was seen by then. To end it at once and for nothing, drop its future instead.
///
/// ```
/// # tokio_test(async {
/// let stop = hubreach::StopToken::new();
/// let other = stop.clone();
/// tokio::spawn(async move { other.stop() });
/// stop.stopped().await;
/// assert!(stop.is_stopped());
/// # });
/// # fn tokio_test(work: impl Future<Output = ()>) {
/// #     tokio::runtime::Runtime::new().unwrap().block_on(work);
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct StopToken(Arc<watch::Sender<bool>>);

impl StopToken {
    /// A token that is not stopped.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Stops whatever has this token or a clone of it.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Whether it is stopped.
    pub fn is_stopped(&self) -> bool {
        *self.0.borrow()
    }

    /// Ready once it is stopped.
    pub async fn stopped(&self) {
        // It fails once every sender is gone, and this is one.
        let _ = self.0.subscribe().wait_for(|stopped| *stopped).await;
    }
}

impl Default for StopToken {
    fn default() -> Self {
        Self::new()
    }
}
