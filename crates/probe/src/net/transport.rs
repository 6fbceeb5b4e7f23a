//! What carries a protocol's bytes: TLS itself, binary WebSocket frames inside it, or, for an experiment alone, TCP in clear.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

use super::{
    connection::{Connection, TunnelStream},
    ending::ending,
    os,
    recording_stream::RecordingStream,
    transfer_meter::TransferMeter,
    websocket::WebSocket,
};
use crate::observation::Ending;

/// How much is read at a time.
const READ_SIZE: usize = 4096;
/// Limits sending the close notification: a courtesy that must not hold up the run.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(50);

/// The longest segment that is filled: what an Ethernet carries of IPv4. Servers take longer headers, but few much longer.
pub(crate) const ETHERNET_MSS: usize = 1460;
/// What a record needs besides its content: header, type and tag (RFC 8446, section 5.2).
const RECORD_OVERHEAD_13: usize = 5 + 1 + 16;
/// The same before TLS 1.3, with the part of the nonce that some suites send (RFC 5288, section 3).
const RECORD_OVERHEAD_12: usize = 5 + 8 + 16;

/// A byte stream to the peer.
#[derive(Debug)]
pub(crate) enum Transport {
    Clear(RecordingStream),
    Tls(Box<TlsStream<RecordingStream>>),
    WebSocket(Box<WebSocket>),
}

impl Transport {
    pub(crate) fn tls(stream: TlsStream<RecordingStream>) -> Self {
        Self::Tls(Box::new(stream))
    }

    /// Without TLS.
    pub(crate) fn clear(stream: TcpStream) -> Self {
        Self::Clear(RecordingStream::new(stream))
    }

    /// Without TLS, counted among what a run's attempts receive.
    pub(crate) fn counted(stream: TcpStream, transfer: &TransferMeter) -> Self {
        Self::Clear(RecordingStream::counted(stream, transfer))
    }

    /// Goes on as a tunnel to the hub, of which `ahead` came with the proxy's answer; `None` for a WebSocket.
    pub(crate) fn into_tunnel(self, ahead: Vec<u8>) -> Option<Connection> {
        match self {
            Self::Clear(stream) => Some(Connection::tunnel(TunnelStream::Clear(stream), ahead)),
            Self::Tls(stream) => Some(Connection::tunnel(TunnelStream::Tls(stream), ahead)),
            Self::WebSocket(_) => None,
        }
    }

    /// Goes on in WebSocket frames, of which `already_read` came with the upgrade's answer.
    pub(crate) async fn into_websocket(self, already_read: Vec<u8>) -> Self {
        match self {
            Self::Tls(stream) => Self::WebSocket(Box::new(WebSocket::new(*stream, already_read).await)),
            other => other,
        }
    }

    /// Sends all of `bytes`. A failure to send is no answer: what the peer had to say is still there to be received.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        let sent = match self {
            Self::Clear(stream) => stream.write_all(bytes).await,
            Self::Tls(stream) => match stream.write_all(bytes).await {
                Ok(()) => stream.flush().await,
                Err(error) => Err(error),
            },
            Self::WebSocket(socket) => socket.send(bytes).await,
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
            Self::WebSocket(socket) => socket.receive(buffer).await,
        }
    }

    /// Sends a WebSocket ping and waits for its pong.
    pub(crate) async fn ping(&mut self, payload: &'static [u8]) -> Result<(), Ending> {
        match self {
            Self::WebSocket(socket) => socket.ping(payload).await,
            Self::Clear(_) | Self::Tls(_) => Err(Ending::Other { message: "not a WebSocket".to_owned() }),
        }
    }

    /// Closes the connection: WebSocket close, TLS `close_notify`, FIN. Does not wait for the peer's own.
    pub(crate) async fn close(mut self) {
        let goodbye = async {
            match &mut self {
                Self::Clear(stream) => {
                    let _ = stream.shutdown().await;
                }
                Self::Tls(stream) => {
                    let _ = stream.shutdown().await;
                }
                Self::WebSocket(socket) => socket.close().await,
            }
        };
        let _ = tokio::time::timeout(CLOSE_TIMEOUT, goodbye).await;
    }

    /// How long a message is that fills one segment, where the system tells, and lets it be sent in smaller ones too.
    pub(crate) fn room(&self) -> Option<usize> {
        let Self::Tls(stream) = self else { return None };
        let segment = usize::try_from(self.tcp_state().filter(|_| os::CLAMPS_SEGMENTS)?.segment).ok()?;
        let of_tls = match stream.get_ref().1.protocol_version() {
            Some(rustls::ProtocolVersion::TLSv1_3) => RECORD_OVERHEAD_13,
            _ => RECORD_OVERHEAD_12,
        };
        segment.min(ETHERNET_MSS).checked_sub(of_tls)
    }

    /// Whether the peer's TCP has acknowledged all that we sent, where the system tells.
    pub(crate) fn acknowledged(&self) -> Option<bool> {
        self.tcp_state().map(|state| state.unacknowledged == 0)
    }

    /// What the system knows of the connection below, where it tells.
    pub(crate) fn tcp_state(&self) -> Option<os::TcpState> {
        let stream = match self {
            Self::Clear(stream) => stream,
            Self::Tls(stream) => stream.get_ref().0,
            Self::WebSocket(socket) => socket.recording_stream(),
        };
        stream.tcp().and_then(os::tcp_state)
    }
}

/// Appends what comes next; gives its length.
async fn receive_from(stream: &mut (impl AsyncRead + Unpin), buffer: &mut Vec<u8>) -> io::Result<usize> {
    // Not into the buffer itself: a wait that is given up must leave nothing in it that never came.
    let mut chunk = [0; READ_SIZE];
    let length = stream.read(&mut chunk).await?;
    buffer.extend(&chunk[..length]);
    Ok(length)
}
