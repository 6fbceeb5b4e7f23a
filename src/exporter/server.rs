//! Connections: not too many at once, each bounded in size and time.

use std::{pin::pin, sync::Arc, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

use super::{Limits, handler::Handler};
use crate::{
    StopToken,
    responder::admission::{Admission, Shares, Slot},
};

/// Connections served at once, or as many as there may be probes and some more.
const MAX_CONNECTIONS: usize = 256;
/// Those that one client cannot have.
const RESERVED_FOR_OTHERS: usize = 32;
/// Connections that wait to be served.
const MAX_WAITING: usize = 128;
/// Longer than a scraper needs to send its request. It keeps one connection for each hub open between two scrapes.
const IDLE_TIMEOUT: Duration = Duration::from_secs(2);
/// After a failure to accept, for want of file descriptors for example. Without a pause the loop would keep a core
/// busy.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(100);
/// Limits the wait for peers to take the last answers, as one that takes none must not hold up the end.
const LAST_ANSWERS_TIMEOUT: Duration = Duration::from_millis(100);
/// The longest head of a request, in bytes; more is answered with 431.
const MAX_HEAD_LEN: usize = 8 * 1024;
/// Header fields of a request; more are answered with 431.
const MAX_HEADERS: usize = 64;
/// What is read ahead of a connection, in bytes. Twice the head, for there may be a next one.
const BUFFER_SIZE: usize = 16 * 1024;

/// Serves `listener` until `stop` is stopped, then lets the probes under way end for as long as `limits` say. No answer takes
/// longer than `last_answer`.
pub(super) async fn serve(
    listener: TcpListener,
    handler: Arc<Handler>,
    limits: Limits,
    last_answer: Duration,
    stop: StopToken,
) {
    let (stopping, _) = watch::channel(false);
    let mut connections = JoinSet::new();
    {
        let accepting = async {
            let admission = Admission::new(shares(handler.most_probes()));
            loop {
                while connections.try_join_next().is_some() {}
                match listener.accept().await {
                    Ok((stream, peer)) => {
                        let Some(mut slot) = admission.arrive(peer.ip()) else {
                            handler.refused_connection();
                            tracing::debug!(%peer, "refused: too many connections wait");
                            continue;
                        };
                        let (handler, stopped) = (handler.clone(), stopping.subscribe());
                        connections.spawn(async move {
                            if !slot.turn().await {
                                return handler.refused_connection();
                            }
                            tracing::debug!(%peer, "connected");
                            let _counted = handler.connected();
                            converse(stream, slot, &handler, limits, last_answer, stopped).await;
                        });
                    }
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept");
                        sleep(ACCEPT_RETRY_DELAY).await;
                    }
                }
            }
        };
        tokio::select! {
            () = accepting => {}
            () = stop.stopped() => {}
        }
    }
    drop(listener);
    stopping.send_replace(true);
    let no_probe = async {
        handler.idle().await;
        sleep(LAST_ANSWERS_TIMEOUT).await;
    };
    tokio::select! {
        () = async { while connections.join_next().await.is_some() {} } => {}
        () = no_probe => {}
        () = sleep(limits.stop) => tracing::warn!("some probes took too long to wait for"),
    }
}

fn shares(most_probes: usize) -> Shares {
    let most = MAX_CONNECTIONS.max(most_probes.saturating_add(2 * RESERVED_FOR_OTHERS));
    Shares { most, each: most - RESERVED_FOR_OTHERS, waiting: MAX_WAITING, idle: IDLE_TIMEOUT }
}

/// Answers the requests of one connection, until it is idle for too long, has lasted too long, others wait, or all is to end.
async fn converse(
    stream: TcpStream,
    mut slot: Slot,
    handler: &Handler,
    limits: Limits,
    last_answer: Duration,
    mut stopped: watch::Receiver<bool>,
) {
    // Answers are small, and each is written at once.
    let _ = stream.set_nodelay(true);
    let activity = slot.activity();
    let answers = service_fn(async |request| {
        activity.begin();
        let answer = handler.answer(request).await;
        activity.end();
        answer
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.head)
            .max_header_size(MAX_HEAD_LEN)
            .max_headers(MAX_HEADERS)
            .max_buf_size(BUFFER_SIZE)
            // It would panic at a clock before 1970: the handler writes it.
            .auto_date_header(false)
            .serve_connection(TokioIo::new(stream), answers)
    );
    tokio::select! {
        ended = connection.as_mut() => return log_end(ended),
        // It is idle: nothing is lost with it.
        () = slot.must_go() => return handler.refused_connection(),
        _ = stopped.wait_for(|stopped| *stopped) => {}
        () = sleep(limits.connection) => {}
    }
    connection.as_mut().graceful_shutdown();
    match timeout(last_answer, connection).await {
        Ok(ended) => log_end(ended),
        Err(_) => tracing::debug!("the peer does not take its answer"),
    }
}

fn log_end(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended");
    }
}
