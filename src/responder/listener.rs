//! Accepting connections, not too many at once.

use std::{sync::Arc, time::Duration};

use tokio::{
    net::TcpListener,
    sync::Semaphore,
    task::JoinSet,
    time::{sleep, timeout},
};
use tracing::Instrument as _;

use super::connection::{self, Context};

/// A pause after a failure to accept, for want of file descriptors for instance.
const PAUSE: Duration = Duration::from_millis(100);
/// No conversation lasts longer, in however small steps it goes.
const LIFETIME: Duration = Duration::from_secs(120);

/// Serves `listener` for ever. Dropping the future ends its connections too.
pub(super) async fn serve(listener: TcpListener, slots: Arc<Semaphore>, context: Arc<Context>) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        // First a slot, then a connection: what cannot be served waits in the system's queue.
        let Ok(slot) = slots.clone().acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, peer)) => {
                let span = tracing::info_span!("connection", %peer, port = ?context.speaks);
                let lifetime = LIFETIME.max(context.idle);
                let context = context.clone();
                let serving = async move {
                    let _slot = slot;
                    tracing::info!("connected");
                    let _ = stream.set_nodelay(true);
                    match timeout(lifetime, connection::serve(stream, &context)).await {
                        Ok(Ok(())) => {}
                        Ok(Err(error)) => tracing::debug!(%error, "connection ended"),
                        Err(_) => tracing::debug!("connection lasted too long"),
                    }
                };
                connections.spawn(serving.instrument(span));
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept");
                sleep(PAUSE).await;
            }
        }
    }
}
