//! One connection of a proxy's client: reads messages, counts round trips, and writes as it is told.

use std::{io, time::Duration};

use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional},
    net::TcpStream,
    time::sleep,
};
use tokio_rustls::server::TlsStream;

use super::{Behaviour, record::Entry};

/// The longest message that is read.
const LONGEST: usize = 64 * 1024;
/// Between two segments of one answer: long enough that they are received one by one.
const BETWEEN_SEGMENTS: Duration = Duration::from_millis(2);

/// TCP, or TLS on it.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Unpin + Send + Sync {
    fn tcp(&self) -> &TcpStream;
}

impl Duplex for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Duplex for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

pub(super) struct Line {
    pub(super) stream: Box<dyn Duplex>,
    pub(super) entry: Entry,
    unread: Vec<u8>,
    /// Whether everything that was received so far is answered.
    is_answered: bool,
    segment: Option<usize>,
    delay: Duration,
}

impl Line {
    pub(super) fn new(stream: impl Duplex + 'static, behaviour: &Behaviour, entry: Entry) -> Self {
        let (segment, delay) = (behaviour.segment, behaviour.delay);
        Self { stream: Box::new(stream), entry, unread: Vec::new(), is_answered: true, segment, delay }
    }

    /// The next `length` bytes.
    pub(super) async fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.unread.len() < length {
            self.receive().await?;
        }
        Ok(self.unread.drain(..length).collect())
    }

    /// The next byte, and as many bytes as it says.
    pub(super) async fn take_counted(&mut self) -> io::Result<Vec<u8>> {
        let length = self.take(1).await?[0];
        self.take(length.into()).await
    }

    /// A request's head with the empty line at its end.
    pub(super) async fn take_head(&mut self) -> io::Result<String> {
        loop {
            if let Some(at) = self.unread.windows(4).position(|end| end == b"\r\n\r\n") {
                let head = self.unread.drain(..at + 4).collect();
                return String::from_utf8(head).map_err(io::Error::other);
            }
            self.receive().await?;
        }
    }

    async fn receive(&mut self) -> io::Result<()> {
        let mut piece = [0; 4096];
        let length = self.stream.read(&mut piece).await?;
        if length == 0 || self.unread.len() > LONGEST {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if std::mem::take(&mut self.is_answered) {
            self.entry.change(|connection| connection.round_trips += 1);
        }
        self.unread.extend(&piece[..length]);
        Ok(())
    }

    /// Sends an answer as the proxy is told to.
    pub(super) async fn answer(&mut self, bytes: &[u8]) -> io::Result<()> {
        sleep(self.delay).await;
        self.is_answered = true;
        let Some(segment) = self.segment else {
            return self.send(bytes).await;
        };
        for piece in bytes.chunks(segment) {
            self.send(piece).await?;
            sleep(BETWEEN_SEGMENTS).await;
        }
        Ok(())
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    /// Sends `piece` over and over, as fast as it goes, until the other end is gone.
    pub(super) async fn pour(&mut self, piece: &[u8]) -> io::Result<()> {
        let many = piece.repeat((16 * 1024 / piece.len().max(1)).max(1));
        loop {
            self.send(&many).await?;
            tokio::task::yield_now().await;
        }
    }

    /// Reads and forgets until the other end is gone.
    pub(super) async fn wait(&mut self) -> io::Result<()> {
        tokio::io::copy(&mut self.stream, &mut tokio::io::sink()).await.map(drop)
    }

    pub(super) fn reset(self) -> io::Result<()> {
        SockRef::from(self.stream.tcp()).set_linger(Some(Duration::ZERO))
    }

    /// Carries bytes between the client and `upstream` until both ends are done.
    pub(super) async fn carry(mut self, mut upstream: TcpStream) -> io::Result<()> {
        upstream.write_all(&self.unread).await?;
        copy_bidirectional(&mut self.stream, &mut upstream).await.map(drop)
    }
}
