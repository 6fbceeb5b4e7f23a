//! Binary WebSocket frames inside TLS.

use std::io;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Message,
        error::ProtocolError,
        protocol::{Role, WebSocketConfig},
    },
};

use super::{ending::ending, recording_stream::RecordingStream};
use crate::observation::Ending;

/// The largest frame and message that is read; every answer we wait for is far smaller.
const MAX_FRAME_SIZE: usize = 64 * 1024;
/// How much is read at a time, and kept before it is written: more than any message of ours.
const CHUNK: usize = 4096;
/// How much of what we send may wait for a peer that does not read it: our own message, and answers to its pings.
const MAX_UNSENT: usize = 4 * CHUNK;
/// No more messages are read of one connection. Pings, and messages without a byte, are passed over; a protocol's first
/// answer has some hundred bytes.
const MAX_MESSAGES: u32 = 1000;

/// An open WebSocket.
#[derive(Debug)]
pub(crate) struct WebSocket<S = TlsStream<RecordingStream>> {
    frames: WebSocketStream<S>,
    /// Messages read so far.
    messages: u32,
}

/// What carries the frames, and knows how much came through it.
pub(crate) trait Carrier: AsyncRead + AsyncWrite + Unpin {
    fn received(&self) -> u64;
}

impl Carrier for TlsStream<RecordingStream> {
    fn received(&self) -> u64 {
        self.get_ref().0.recorded().received()
    }
}

impl WebSocket {
    /// The stream below TLS.
    pub(crate) fn recording_stream(&self) -> &RecordingStream {
        self.frames.get_ref().get_ref().0
    }
}

impl<S: Carrier> WebSocket<S> {
    /// Goes on in frames, of which `already_read` came with the upgrade's answer.
    pub(crate) async fn new(stream: S, already_read: Vec<u8>) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(CHUNK)
            .write_buffer_size(CHUNK)
            .max_write_buffer_size(MAX_UNSENT)
            .max_frame_size(Some(MAX_FRAME_SIZE))
            .max_message_size(Some(MAX_FRAME_SIZE));
        let frames = WebSocketStream::from_partially_read(stream, already_read, Role::Client, Some(config)).await;
        Self { frames, messages: 0 }
    }

    /// Sends `bytes` in one frame.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.frames.send(Message::binary(bytes.to_vec())).await.map_err(io::Error::other)
    }

    /// Appends the next message that has content to `buffer`.
    pub(crate) async fn receive(&mut self, buffer: &mut Vec<u8>) -> Result<(), Ending> {
        loop {
            match self.next().await? {
                Message::Binary(bytes) if !bytes.is_empty() => {
                    buffer.extend(bytes.iter());
                    return Ok(());
                }
                // Not what either protocol's binding allows, but evidence all the same.
                Message::Text(text) if !text.is_empty() => {
                    buffer.extend(text.as_bytes());
                    return Ok(());
                }
                Message::Close(frame) => {
                    return Err(Ending::WebSocketClose {
                        code: frame.as_ref().map(|frame| frame.code.into()),
                        reason: frame.map(|frame| frame.reason.to_string()).unwrap_or_default(),
                    });
                }
                _ => {}
            }
        }
    }

    /// Sends a ping and waits for its pong (RFC 6455, section 5.5.3); other frames are passed over.
    pub(crate) async fn ping(&mut self, payload: &'static [u8]) -> Result<(), Ending> {
        self.frames.send(Message::Ping(payload.into())).await.map_err(failed)?;
        loop {
            if matches!(self.next().await?, Message::Pong(answer) if answer == payload) {
                return Ok(());
            }
        }
    }

    /// Sends a close frame, and does not wait for the peer's.
    pub(crate) async fn close(&mut self) {
        let _ = self.frames.send(Message::Close(None)).await;
        let _ = self.frames.get_mut().shutdown().await;
    }

    async fn next(&mut self) -> Result<Message, Ending> {
        if self.messages >= MAX_MESSAGES {
            let bytes_received = self.frames.get_ref().received();
            return Err(Ending::Flood { bytes_received, messages: self.messages });
        }
        let next = self.frames.next().await.ok_or(Ending::Fin)?;
        self.messages += 1;
        next.map_err(failed)
    }
}

#[cfg(fuzzing)]
impl Carrier for tokio::io::Join<&[u8], tokio::io::Sink> {
    fn received(&self) -> u64 {
        0
    }
}

/// Reads `bytes` as a peer's frames, until they end or break the protocol.
#[cfg(fuzzing)]
pub(crate) fn read(bytes: &[u8]) {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap_or_else(|error| panic!("{error}")).block_on(async {
        let mut socket = WebSocket::new(tokio::io::join(bytes, tokio::io::sink()), Vec::new()).await;
        let mut buffer = Vec::new();
        while socket.receive(&mut buffer).await.is_ok() {}
        assert!(buffer.len() <= bytes.len() && socket.messages <= MAX_MESSAGES);
    });
}

fn failed(error: tungstenite::Error) -> Ending {
    match error {
        tungstenite::Error::Io(error) => ending(&error),
        // The TLS stream came to a clean end; an unclean one is an I/O error.
        tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Ending::CloseNotify,
        // Our own doing.
        error @ tungstenite::Error::Protocol(ProtocolError::SendAfterClosing) => {
            Ending::Other { message: error.to_string() }
        }
        tungstenite::Error::Protocol(_) | tungstenite::Error::Capacity(_) | tungstenite::Error::Utf8(_) => {
            Ending::BadFrames
        }
        other => Ending::Other { message: other.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use tokio_tungstenite::tungstenite::error::CapacityError;

    use super::*;

    #[test]
    fn frames_that_break_the_protocol_are_the_peers() {
        let too_long = CapacityError::MessageTooLong { size: MAX_FRAME_SIZE + 1, max_size: MAX_FRAME_SIZE };
        for error in [
            tungstenite::Error::Protocol(ProtocolError::NonZeroReservedBits),
            tungstenite::Error::Protocol(ProtocolError::MaskedFrameFromServer),
            tungstenite::Error::Capacity(too_long),
            tungstenite::Error::Utf8(String::new()),
        ] {
            assert_eq!(failed(error), Ending::BadFrames);
        }
        assert_eq!(
            failed(tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)),
            Ending::CloseNotify
        );
    }
}
