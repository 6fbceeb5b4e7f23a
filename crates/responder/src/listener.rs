//! Accepts connections; [`Admission`] decides which is served when.

use std::{sync::Arc, time::Duration};

use tokio::{
    net::TcpListener,
    task::JoinSet,
    time::{sleep, timeout},
};
use tracing::Instrument as _;

use super::{
    admission::Admission,
    connection::{self, Context},
};

/// After a failure to accept, for want of file descriptors for example. Without a pause the loop would keep a core
/// busy.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(100);
/// Limits each conversation, also of a peer that sends a byte now and then.
const MAX_LIFETIME: Duration = Duration::from_secs(120);

/// Serves `listener` without end. Dropping the future ends its connections too.
pub(super) async fn serve(listener: TcpListener, admission: Admission, context: Arc<Context>) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, peer)) => {
                let span = tracing::info_span!("connection", %peer, port = ?context.speaks);
                let lifetime = MAX_LIFETIME.max(context.idle);
                let Some(mut slot) = admission.arrive(peer.ip()) else {
                    tracing::warn!(%peer, "refused: too many connections wait");
                    continue;
                };
                let context = context.clone();
                let serving = async move {
                    if !slot.turn().await {
                        return tracing::warn!("refused: too many connections wait");
                    }
                    tracing::info!("connected");
                    let _ = stream.set_nodelay(true);
                    tokio::select! {
                        served = timeout(lifetime, connection::serve(stream, &context)) => match served {
                            Ok(Ok(())) => {}
                            Ok(Err(error)) => tracing::debug!(%error, "connection ended"),
                            Err(_) => tracing::debug!("connection lasted too long"),
                        },
                        () = slot.must_go() => tracing::warn!("ended: others wait"),
                    }
                };
                connections.spawn(serving.instrument(span));
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept");
                sleep(ACCEPT_RETRY_DELAY).await;
            }
        }
    }
}
