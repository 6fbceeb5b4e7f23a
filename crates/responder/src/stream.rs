//! What the answers are written to: a connection, or binary WebSocket frames on it. Every wait is bounded.

use std::{future::Future, io, time::Duration};

use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::yield_now,
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Message,
        protocol::{Role, WebSocketConfig},
    },
};

use super::carrier::Carrier;

/// The largest WebSocket frame and message that is read.
const MAX_FRAME_SIZE: usize = 64 * 1024;
/// How much is read at a time.
const READ_SIZE: usize = 4096;
/// This many WebSocket messages without content are skipped: pings, and what a peer sends to keep us busy.
const MAX_EMPTY_MESSAGES: usize = 1000;
/// Limits the wait for the peer's own close notification.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// How much is read and thrown away while it is waited for.
const MAX_DRAINED: usize = 1024 * 1024;

/// A byte stream to the peer.
#[derive(Debug)]
pub(super) struct Stream {
    framing: Framing,
    idle: Duration,
    empty_messages: usize,
}

#[derive(Debug)]
enum Framing {
    None(Carrier),
    WebSocket(Box<WebSocketStream<Carrier>>),
}

impl Stream {
    pub(super) fn new(carrier: Carrier, idle: Duration) -> Self {
        Self { framing: Framing::None(carrier), idle, empty_messages: 0 }
    }

    /// Goes on in WebSocket frames, of which `already_read` came with the request.
    pub(super) async fn into_websocket(self, already_read: Vec<u8>) -> Self {
        let Framing::None(carrier) = self.framing else { return self };
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_SIZE)
            .max_frame_size(Some(MAX_FRAME_SIZE))
            .max_message_size(Some(MAX_FRAME_SIZE))
            .max_write_buffer_size(4 * MAX_FRAME_SIZE);
        let frames = WebSocketStream::from_partially_read(carrier, already_read, Role::Server, Some(config)).await;
        Self { framing: Framing::WebSocket(Box::new(frames)), idle: self.idle, empty_messages: 0 }
    }

    /// Appends what comes next to `buffer`; gives whether anything came, or else the peer is done.
    pub(super) async fn receive(&mut self, buffer: &mut Vec<u8>) -> io::Result<bool> {
        let idle = self.idle;
        // A peer that sends faster than we read never makes us wait; other tasks must run all the same.
        yield_now().await;
        match &mut self.framing {
            Framing::None(stream) => {
                let mut chunk = [0; READ_SIZE];
                let length = within(idle, stream.read(&mut chunk)).await?;
                buffer.extend(&chunk[..length]);
                Ok(length > 0)
            }
            Framing::WebSocket(frames) => loop {
                let next = within(idle, async { frames.next().await.transpose().map_err(websocket) }).await?;
                match next {
                    Some(Message::Binary(bytes)) if !bytes.is_empty() => {
                        buffer.extend(bytes.iter());
                        return Ok(true);
                    }
                    // Text is against both protocols' bindings (MQTT 3.1.1, section 6).
                    Some(Message::Text(_)) => return Err(io::Error::other("a text message")),
                    Some(Message::Close(_)) | None => return Ok(false),
                    Some(_) if self.empty_messages >= MAX_EMPTY_MESSAGES => {
                        return Err(io::Error::other("too many messages without content"));
                    }
                    Some(_) => self.empty_messages += 1,
                }
            },
        }
    }

    /// Sends all of `bytes`.
    pub(super) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        within(self.idle, async {
            match &mut self.framing {
                Framing::None(stream) => {
                    stream.write_all(bytes).await?;
                    stream.flush().await
                }
                Framing::WebSocket(frames) => frames.send(Message::binary(bytes.to_vec())).await.map_err(websocket),
            }
        })
        .await
    }

    /// Reads and throws away until the peer is done, or for as long as a silent peer is kept.
    pub(super) async fn wait_silently(mut self) {
        let mut thrown_away = Vec::new();
        let _ = timeout(self.idle, async {
            while let Ok(true) = self.receive(&mut thrown_away).await {
                thrown_away.clear();
            }
        })
        .await;
    }

    /// A clean end: WebSocket close, `close_notify`, FIN; what the peer still sends is read, lest it be reset.
    pub(super) async fn close(mut self) {
        let _ = timeout(CLOSE_TIMEOUT, async {
            match &mut self.framing {
                Framing::None(stream) => {
                    let _ = stream.shutdown().await;
                }
                Framing::WebSocket(frames) => {
                    let _ = frames.send(Message::Close(None)).await;
                    // The peer's close frame; ours is answered or was the answer.
                    let mut left = MAX_DRAINED;
                    while let Some(Ok(message)) = frames.next().await {
                        // A frame's header at least.
                        left = left.saturating_sub(message.len() + 2);
                        if left == 0 {
                            break;
                        }
                    }
                    let _ = frames.get_mut().shutdown().await;
                }
            }
        })
        .await;
        drain(self.tcp()).await;
    }

    /// An unclean end: a FIN without `close_notify`.
    pub(super) async fn fin(mut self) {
        let tcp = self.tcp();
        let _ = tcp.shutdown().await;
        drain(tcp).await;
    }

    /// A RST.
    pub(super) fn reset(mut self) {
        let _ = self.tcp().set_zero_linger();
    }

    fn tcp(&mut self) -> &mut TcpStream {
        match &mut self.framing {
            Framing::None(carrier) => carrier.tcp(),
            Framing::WebSocket(frames) => frames.get_mut().tcp(),
        }
    }
}

/// Reads and throws away what a peer still sends after our FIN: closing with unread data would send a RST.
pub(super) async fn drain(tcp: &mut TcpStream) {
    let mut chunk = [0; READ_SIZE];
    let _ = timeout(CLOSE_TIMEOUT, async {
        let mut left = MAX_DRAINED;
        while let Ok(length @ 1..) = tcp.read(&mut chunk).await {
            left = left.saturating_sub(length);
            if left == 0 {
                break;
            }
        }
    })
    .await;
}

/// Awaits no longer than `idle`.
pub(super) async fn within<T>(idle: Duration, step: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(idle, step).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

fn websocket(error: tungstenite::Error) -> io::Error {
    match error {
        tungstenite::Error::Io(error) => error,
        other => io::Error::other(other),
    }
}
