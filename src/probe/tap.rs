//! A stream that remembers how what came through it began, and how much it was.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use crate::observation::FirstBytes;

/// What came through a [`Tap`]; outlives it.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    first: Mutex<Vec<u8>>,
    received: AtomicU64,
}

impl Memory {
    /// How what came began.
    pub(crate) fn first_bytes(&self) -> FirstBytes {
        FirstBytes::of(&self.first.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Bytes that came so far.
    pub(crate) fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    fn keep(&self, came: &[u8]) {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        let room = FirstBytes::MOST.saturating_sub(first.len());
        first.extend(&came[..came.len().min(room)]);
        self.received.fetch_add(came.len() as u64, Ordering::Relaxed);
    }
}

/// A TCP stream with a memory.
#[derive(Debug)]
pub(crate) struct Tap {
    stream: TcpStream,
    memory: Arc<Memory>,
}

impl Tap {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self { stream, memory: Arc::default() }
    }

    /// What came through so far, and will.
    pub(crate) fn memory(&self) -> Arc<Memory> {
        self.memory.clone()
    }

    /// The stream itself.
    pub(crate) fn stream(&self) -> &TcpStream {
        &self.stream
    }
}

impl AsyncRead for Tap {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.memory.keep(&buf.filled()[before..]);
        polled
    }
}

impl AsyncWrite for Tap {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
