//! What carries a protocol's bytes: TLS itself, binary WebSocket frames inside it, or, for an experiment alone, TCP in clear.

use std::{io, time::Duration};

use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Message,
        error::ProtocolError,
        protocol::{Role, WebSocketConfig},
    },
};

use super::{os, tap::Tap, tls::alert_name};
use crate::observation::Ending;

/// The largest WebSocket frame and message that is read; every answer we wait for is far smaller.
const LARGEST_FRAME: usize = 64 * 1024;
/// How much is read at a time.
const CHUNK: usize = 4096;
/// A goodbye is worth this much time and no more.
const GOODBYE: Duration = Duration::from_millis(50);

/// A byte stream to the peer.
#[derive(Debug)]
pub(crate) enum Transport {
    Clear(Tap),
    Tls(Box<TlsStream<Tap>>),
    WebSocket(Box<WebSocketStream<TlsStream<Tap>>>),
}

impl Transport {
    pub(crate) fn tls(stream: TlsStream<Tap>) -> Self {
        Self::Tls(Box::new(stream))
    }

    /// Without TLS.
    pub(crate) fn clear(stream: TcpStream) -> Self {
        Self::Clear(Tap::new(stream))
    }

    /// Goes on in WebSocket frames, of which `already_read` came with the upgrade's answer.
    pub(crate) async fn into_websocket(self, already_read: Vec<u8>) -> Self {
        let Self::Tls(stream) = self else {
            return self;
        };
        let config =
            WebSocketConfig::default().max_frame_size(Some(LARGEST_FRAME)).max_message_size(Some(LARGEST_FRAME));
        let frames = WebSocketStream::from_partially_read(*stream, already_read, Role::Client, Some(config)).await;
        Self::WebSocket(Box::new(frames))
    }

    /// Sends all of `bytes`. A failure to send is no answer: what the peer had to say is still there to be received.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        let sent = match self {
            Self::Clear(stream) => stream.write_all(bytes).await,
            Self::Tls(stream) => match stream.write_all(bytes).await {
                Ok(()) => stream.flush().await,
                Err(error) => Err(error),
            },
            Self::WebSocket(frames) => frames.send(Message::binary(bytes.to_vec())).await.map_err(io::Error::other),
        };
        if let Err(error) = sent {
            tracing::debug!(%error, "sending failed");
        }
    }

    /// Appends what comes next to `buffer`; at least one byte, unless the connection ended.
    pub(crate) async fn receive(&mut self, buffer: &mut Vec<u8>) -> Result<(), Ending> {
        match self {
            Self::Clear(stream) => match receive_from(stream, buffer).await {
                Ok(0) => Err(Ending::Fin),
                Ok(_) => Ok(()),
                Err(error) => Err(ending(&error)),
            },
            Self::Tls(stream) => match receive_from(stream.as_mut(), buffer).await {
                Ok(0) => Err(Ending::CloseNotify),
                Ok(_) => Ok(()),
                Err(error) => Err(ending(&error)),
            },
            Self::WebSocket(frames) => loop {
                match frames.next().await {
                    Some(Ok(Message::Binary(bytes))) if bytes.is_empty() => {}
                    Some(Ok(Message::Binary(bytes))) => {
                        buffer.extend(bytes.iter());
                        return Ok(());
                    }
                    // Not what either protocol's binding allows, but evidence all the same.
                    Some(Ok(Message::Text(text))) if !text.is_empty() => {
                        buffer.extend(text.as_bytes());
                        return Ok(());
                    }
                    Some(Ok(Message::Close(frame))) => {
                        return Err(Ending::WebSocketClose {
                            code: frame.as_ref().map(|frame| frame.code.into()),
                            reason: frame.map(|frame| frame.reason.to_string()).unwrap_or_default(),
                        });
                    }
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return Err(websocket_ending(error)),
                    None => return Err(Ending::Fin),
                }
            },
        }
    }

    /// Sends a WebSocket ping and waits for its pong (RFC 6455, section 5.5.3); other frames are passed over.
    pub(crate) async fn ping(&mut self, payload: &'static [u8]) -> Result<(), Ending> {
        let Self::WebSocket(frames) = self else {
            return Err(Ending::Other { message: "not a WebSocket".to_owned() });
        };
        frames.send(Message::Ping(payload.into())).await.map_err(websocket_ending)?;
        loop {
            match frames.next().await {
                Some(Ok(Message::Pong(answer))) if answer == payload => return Ok(()),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(websocket_ending(error)),
                None => return Err(Ending::Fin),
            }
        }
    }

    /// Ends the connection politely: WebSocket close, TLS `close_notify`, FIN. The peer's own goodbye is not waited for.
    pub(crate) async fn close(mut self) {
        let goodbye = async {
            match &mut self {
                Self::Clear(stream) => {
                    let _ = stream.shutdown().await;
                }
                Self::Tls(stream) => {
                    let _ = stream.shutdown().await;
                }
                Self::WebSocket(frames) => {
                    let _ = frames.send(Message::Close(None)).await;
                    let _ = frames.get_mut().shutdown().await;
                }
            }
        };
        let _ = tokio::time::timeout(GOODBYE, goodbye).await;
    }

    /// Whether the peer's TCP has acknowledged all that we sent, where the system tells.
    pub(crate) fn acknowledged(&self) -> Option<bool> {
        let tap = match self {
            Self::Clear(tap) => tap,
            Self::Tls(stream) => stream.get_ref().0,
            Self::WebSocket(frames) => frames.get_ref().get_ref().0,
        };
        os::tcp_state(tap.stream()).map(|state| state.unacknowledged == 0)
    }
}

/// Appends what comes next; gives its length.
async fn receive_from(stream: &mut (impl AsyncRead + Unpin), buffer: &mut Vec<u8>) -> io::Result<usize> {
    // Not into the buffer itself: a wait that is given up must leave nothing in it that never came.
    let mut chunk = [0; CHUNK];
    let length = stream.read(&mut chunk).await?;
    buffer.extend(&chunk[..length]);
    Ok(length)
}

/// rustls tells a `close_notify` (a clean end) from a bare FIN (an unexpected one).
fn ending(error: &io::Error) -> Ending {
    if let Some(rustls::Error::AlertReceived(alert)) =
        error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>())
    {
        return Ending::Alert { code: u8::from(*alert), name: alert_name(*alert) };
    }
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Ending::Fin,
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => Ending::Reset,
        _ => Ending::Other { message: error.to_string() },
    }
}

fn websocket_ending(error: tungstenite::Error) -> Ending {
    match error {
        tungstenite::Error::Io(error) => ending(&error),
        // The TLS stream came to a clean end; an unclean one is an I/O error.
        tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Ending::CloseNotify,
        other => Ending::Other { message: other.to_string() },
    }
}
