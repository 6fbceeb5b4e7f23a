//! A stream that records the first bytes received, and how many there were. It is the one place that stops a peer which
//! keeps sending. It sits below TLS, so that it counts everything that the layers above skip: session tickets, empty
//! records, key updates, pings.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};

use super::{connection::Connection, transfer_meter::TransferMeter};
use crate::observation::FirstBytes;

/// No more is read of one connection, in bytes. The longest chain of certificates that our TLS library takes and the longest
/// header block that we read are a quarter of it each.
pub(crate) const MAX_BYTES: u64 = 256 * 1024;
/// After this many reads in a row without a wait comes a pause: parsing takes processor time, which other connections,
/// the deadline and Ctrl-C need too. A read is 4 KiB at most; a handshake takes two or three.
const MAX_READS_IN_A_ROW: u8 = 8;
/// A pause between reads. A timer fires only after the runtime has polled all other connections and timers.
const READ_PAUSE: Duration = Duration::from_millis(1);

/// An edit of bytes.
pub(crate) type Edit = fn(&[u8]) -> Vec<u8>;

/// The peer sent [`MAX_BYTES`] on one connection, and would have gone on.
#[derive(Debug, thiserror::Error)]
#[error("the peer keeps sending: {0} bytes came")]
pub(crate) struct Flood(pub(crate) u64);

impl Flood {
    /// The flood that `error` stands for, if it does.
    pub(crate) fn of(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}

/// What came through a [`RecordingStream`]; outlives it.
#[derive(Debug, Default)]
pub(crate) struct Recorded {
    first: Mutex<Vec<u8>>,
    received: AtomicU64,
}

impl Recorded {
    /// The first bytes received.
    pub(crate) fn first_bytes(&self) -> FirstBytes {
        FirstBytes::of(&self.first.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Bytes received so far.
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

/// A stream that records what it receives, up to a limit.
#[derive(Debug)]
pub(crate) struct RecordingStream {
    stream: Connection,
    recorded: Arc<Recorded>,
    /// Reads since the last wait.
    reads: u8,
    pause: Option<Pin<Box<Sleep>>>,
    /// Of the whole run, where it is one of its attempts.
    transfer: Option<TransferMeter>,
    /// What becomes of the first that is written.
    edit: Option<Edit>,
    /// What is left to be written of that, and how long it was before.
    edited: Option<(Vec<u8>, usize)>,
}

impl RecordingStream {
    pub(crate) fn new(stream: impl Into<Connection>) -> Self {
        let stream = stream.into();
        Self { stream, recorded: Arc::default(), reads: 0, pause: None, transfer: None, edit: None, edited: None }
    }

    /// What comes through counts among what a run's attempts receive.
    pub(crate) fn counted(stream: impl Into<Connection>, transfer: &TransferMeter) -> Self {
        let stream = stream.into();
        // What comes through a tunnel is counted where it comes from the proxy.
        let transfer = stream.tcp().map(|_| transfer.clone());
        Self { transfer, ..Self::new(stream) }
    }

    /// The same, where what is written first is sent as `edit` makes it.
    pub(crate) fn editing(stream: impl Into<Connection>, transfer: &TransferMeter, edit: Edit) -> Self {
        Self { edit: Some(edit), ..Self::counted(stream, transfer) }
    }

    /// What came through so far, and will.
    pub(crate) fn recorded(&self) -> Arc<Recorded> {
        self.recorded.clone()
    }

    /// The TCP connection with the peer itself, unless a proxy is in between.
    pub(crate) fn tcp(&self) -> Option<&TcpStream> {
        self.stream.tcp()
    }
}

impl AsyncRead for RecordingStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let received = self.recorded.received();
        if received >= MAX_BYTES {
            return Poll::Ready(Err(io::Error::other(Flood(received))));
        }
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(cx));
            (self.pause, self.reads) = (None, 0);
        }
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.recorded.keep(&buf.filled()[before..]);
        if let Some(transfer) = &self.transfer {
            transfer.add((buf.filled().len() - before) as u64);
        }
        match polled {
            Poll::Pending => self.reads = 0,
            Poll::Ready(_) => self.reads += 1,
        }
        if self.reads >= MAX_READS_IN_A_ROW {
            self.pause = Some(Box::pin(sleep(READ_PAUSE)));
        }
        polled
    }
}

impl AsyncWrite for RecordingStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let Self { stream, edit, edited, .. } = &mut *self;
        if let Some(edit) = edit.take() {
            *edited = Some((edit(buf), buf.len()));
        }
        // The caller gets the number of its own bytes, once everything that replaced them is sent.
        while let Some((rest, length)) = edited {
            if rest.is_empty() {
                let written = *length;
                *edited = None;
                return Poll::Ready(Ok(written));
            }
            let sent = ready!(Pin::new(&mut *stream).poll_write(cx, rest))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            rest.drain(..sent.min(rest.len()));
        }
        Pin::new(stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
        time::{Instant, timeout},
    };

    use super::*;

    /// A connection whose other end sends zeroes for as long as it is read.
    async fn flooded() -> RecordingStream {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback has free ports");
        let stream = TcpStream::connect(listener.local_addr().expect("bound")).await.expect("accepted");
        let (mut peer, _) = listener.accept().await.expect("connected");
        tokio::spawn(async move { while peer.write_all(&[0; 4096]).await.is_ok() {} });
        RecordingStream::new(stream)
    }

    #[tokio::test]
    async fn a_peer_that_keeps_sending_is_read_no_further_than_the_bound() {
        let mut recording = flooded().await;
        let mut chunk = [0; 4096];
        let error = loop {
            if let Err(error) = recording.read(&mut chunk).await {
                break error;
            }
        };
        let Flood(came) = Flood::of(&error).expect("the flood, and no other error");
        assert!((MAX_BYTES..MAX_BYTES + 4096).contains(came), "{came}");
        assert!(recording.read(&mut chunk).await.is_err(), "what has ended stays so");
    }

    #[tokio::test]
    async fn only_what_is_written_first_is_edited() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback has free ports");
        let stream = TcpStream::connect(listener.local_addr().expect("bound")).await.expect("accepted");
        let (mut peer, _) = listener.accept().await.expect("connected");
        // Far more than any buffer holds at once.
        const LONG: usize = 8 << 20;
        let mut recording =
            RecordingStream { edit: Some(|first| [first, &vec![b'+'; LONG]].concat()), ..RecordingStream::new(stream) };
        let writing = async {
            assert_eq!(recording.write(b"first").await.expect("written"), 5, "the writer's own bytes are counted");
            recording.write_all(b"second").await.expect("written");
            recording.shutdown().await.expect("shut down");
        };
        let mut came = Vec::new();
        let (_, read) = tokio::join!(writing, peer.read_to_end(&mut came));
        read.expect("read");
        assert_eq!(came.len(), 5 + LONG + 6);
        assert!(came.starts_with(b"first+") && came.ends_with(b"+second"));
    }

    #[tokio::test]
    async fn a_reader_that_never_waits_is_made_to() {
        let mut recording = flooded().await;
        let reading = async {
            let mut byte = [0];
            // A byte at a time, there is always more at hand.
            while recording.read(&mut byte).await.is_ok() {}
        };
        // Shares one poll with the reader, and comes after it.
        let began = Instant::now();
        let late = tokio::task::unconstrained(timeout(Duration::from_millis(50), reading)).await;
        assert!(late.is_err() && began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    }
}
