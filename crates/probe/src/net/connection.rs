//! What reaches the hub: a TCP connection with it, or a tunnel through a proxy.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

use super::recording_stream::RecordingStream;

/// A byte stream to the hub.
#[derive(Debug)]
pub(crate) enum Connection {
    /// TCP with the hub itself.
    Tcp(TcpStream),
    /// Through a proxy that has connected to it.
    Tunnel(Box<Tunnel>),
}

/// A connection with a proxy, all of whose bytes are from now on the hub's.
#[derive(Debug)]
pub(crate) struct Tunnel {
    stream: TunnelStream,
    /// What came from the hub together with the proxy's answer.
    ahead: Vec<u8>,
}

/// How the proxy is spoken to.
#[derive(Debug)]
pub(crate) enum TunnelStream {
    Clear(RecordingStream),
    Tls(Box<TlsStream<RecordingStream>>),
}

impl Connection {
    /// Goes on through a proxy, of which `ahead` came together with its answer.
    pub(crate) fn tunnel(stream: TunnelStream, ahead: Vec<u8>) -> Self {
        Self::Tunnel(Box::new(Tunnel { stream, ahead }))
    }

    /// The TCP connection with the hub. What the system knows of one with a proxy says nothing of the hub.
    pub(crate) fn tcp(&self) -> Option<&TcpStream> {
        match self {
            Self::Tcp(stream) => Some(stream),
            Self::Tunnel(_) => None,
        }
    }
}

impl From<TcpStream> for Connection {
    fn from(stream: TcpStream) -> Self {
        Self::Tcp(stream)
    }
}

/// Both kinds of stream, one after the other as the macro's caller needs it.
macro_rules! each {
    ($connection:expr, $stream:ident => $do:expr) => {
        match $connection {
            Connection::Tcp($stream) => $do,
            Connection::Tunnel(tunnel) => match &mut tunnel.stream {
                TunnelStream::Clear($stream) => $do,
                TunnelStream::Tls($stream) => {
                    let $stream = &mut **$stream;
                    $do
                }
            },
        }
    };
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if let Self::Tunnel(tunnel) = &mut *self
            && !tunnel.ahead.is_empty()
        {
            let length = tunnel.ahead.len().min(buf.remaining());
            buf.put_slice(&tunnel.ahead[..length]);
            tunnel.ahead.drain(..length);
            return Poll::Ready(Ok(()));
        }
        each!(&mut *self, stream => Pin::new(stream).poll_read(cx, buf))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        each!(&mut *self, stream => Pin::new(stream).poll_write(cx, buf))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(&mut *self, stream => Pin::new(stream).poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(&mut *self, stream => Pin::new(stream).poll_shutdown(cx))
    }
}
