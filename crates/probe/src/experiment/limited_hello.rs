//! TLS hellos with a limited TTL. The limit is set once the connection is established, and stays until it is closed: a
//! retransmission with a higher TTL would get through, and its answer would be attributed to the wrong hop.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use socket2::SockRef;
use tokio::{
    io::Interest,
    net::TcpStream,
    time::{sleep, timeout},
};

use super::{hello::Hello, snapshot_view::endpoint};
use crate::{
    context::run_context::RunContext,
    net::{
        connect, os,
        path::{self, MAX_HOPS},
        tls::is_server_hello,
    },
    observation::{HelloProbe, HelloTrace, HopAnswer, Rejection, Snapshot, millis},
};

/// A record's header and the type of the message in it (RFC 8446, sections 4 and 5.1).
const MIN_FIRST_BYTES: usize = 6;

/// Routers rate-limit ICMP errors per destination, and each rejected hello has used one. As a rule they send another
/// after one second.
const ICMP_RATE_DELAY: Duration = Duration::from_millis(1200);
const REJECTION_TRIES: u32 = 3;

/// Whether an ICMP error answered the hello of an attempt to `peer`.
pub(super) fn is_called_unreachable(snapshot: &Snapshot, peer: SocketAddr) -> bool {
    snapshot.attempts.iter().any(|tracked| endpoint(tracked) == peer && tracked.attempt.was_called_unreachable())
}

/// How long an answer is waited for at this address.
pub(super) fn patience(context: &RunContext<'_>, address: IpAddr) -> Duration {
    let attempts = context.state.snapshot().attempts;
    let connected =
        attempts.iter().filter(|tracked| tracked.attempt.address == address && tracked.attempt.connect.is_ok());
    let fastest = connected.filter_map(|tracked| tracked.attempt.connect.duration_ms()).min_by(f64::total_cmp);
    path::patience(fastest.and_then(|millis| Duration::try_from_secs_f64(millis / 1000.0).ok()))
}

/// Hellos with one name.
#[derive(Clone)]
pub(super) struct Sender {
    peer: SocketAddr,
    patience: Duration,
    began: Instant,
    hello: Vec<u8>,
    trace: HelloTrace,
}

impl Sender {
    /// Times are counted from `began`.
    pub(super) fn new(peer: SocketAddr, name: &str, hello: Vec<u8>, patience: Duration, began: Instant) -> Self {
        let trace = HelloTrace { server_name: name.to_owned(), probes: Vec::new() };
        Self { peer, patience, began, hello, trace }
    }

    /// Of hellos as every attempt sends them; `None` where this device's roots are not known yet.
    pub(super) fn usual(
        context: &RunContext<'_>,
        peer: SocketAddr,
        patience: Duration,
        began: Instant,
    ) -> Option<Self> {
        let usual = Hello::usual(context);
        let hello = usual.first_flight(&context.state.roots()?).ok()?;
        Some(Self::new(peer, usual.name.unwrap_or_default(), hello, patience, began))
    }

    /// One for each of `ttls`, all at once.
    pub(super) async fn send(&mut self, flow: u8, ttls: Vec<u8>) {
        let probes = join_all(ttls.into_iter().map(|ttl| self.probe(ttl, flow))).await;
        self.trace.probes.extend(probes);
    }

    /// The first hop at which a hello was refused, else the hop after the last that reported Time Exceeded.
    pub(super) fn end(&self) -> u8 {
        let got = |answer| self.trace.probes.iter().filter(move |probe| probe.answer == answer).map(|probe| probe.ttl);
        let ran_out = got(HopAnswer::TimeExceeded).max().unwrap_or_default();
        got(HopAnswer::Refused).min().unwrap_or(ran_out.saturating_add(1))
    }

    /// Whether the peer says something, or ends the connection, before it is sent anything.
    pub(super) async fn says_something_unprompted(&self) -> bool {
        let Ok(Ok(stream)) = timeout(self.patience, connect::dial(self.peer, None)).await else { return false };
        let received = timeout(self.patience, receive(&stream)).await;
        reset(&stream, self.peer.ip());
        received.is_ok()
    }

    /// The TTL with which what ends a hello arrives here, where it is the handshake's.
    pub(super) async fn end_ttl(&self, handshake: u8) -> Option<u8> {
        let more = handshake.checked_add(1)?;
        let (ends, ends_nearer) = tokio::join!(self.ends(handshake), self.ends(more));
        match (ends, ends_nearer) {
            (true, false) => Some(handshake),
            _ => path::highest_ttl(|ttl| self.ends(ttl)).await,
        }
    }

    /// Who rejects one, where an ICMP error is known to have done so.
    pub(super) async fn rejection(&self, context: &RunContext<'_>) -> Option<Rejection> {
        let exchange = context.control.within((ICMP_RATE_DELAY + self.patience) * REJECTION_TRIES, async {
            for _ in 0..REJECTION_TRIES {
                sleep(ICMP_RATE_DELAY).await;
                if let Some(rejection) = connect::rejection(self.peer, &self.hello, self.patience).await {
                    return Some(rejection);
                }
            }
            None
        });
        exchange.await.ok().flatten()
    }

    /// The results.
    pub(super) fn into_trace(self) -> HelloTrace {
        self.trace
    }

    async fn probe(&self, ttl: u8, flow: u8) -> HelloProbe {
        let stream = timeout(self.patience, connect::dial(self.peer, None)).await;
        let sent_ms = millis(self.began.elapsed());
        let answer = match stream {
            Ok(Ok(stream)) => {
                let answer = self.say(&stream, ttl).await.unwrap_or(HopAnswer::NotSent);
                reset(&stream, self.peer.ip());
                answer
            }
            _ => HopAnswer::NotSent,
        };
        HelloProbe { ttl, flow, sent_ms, answer }
    }

    async fn say(&self, stream: &TcpStream, ttl: u8) -> io::Result<HopAnswer> {
        let (socket, peer) = (SockRef::from(stream), self.peer.ip());
        os::enable_recverr(&socket, peer);
        os::limit_hops(&socket, peer, ttl)?;
        // A fresh connection has room for a hello.
        stream.try_write(&self.hello)?;
        let received = timeout(self.patience, receive(stream)).await;
        Ok(match received {
            Ok(Ok(begins)) if is_server_hello(&begins) => HopAnswer::ServerHello,
            Ok(Ok(_)) => HopAnswer::Refused,
            Ok(Err(error)) => by_error(&error),
            // An ICMP error that arrives while the system is busy with the connection causes no wake-up.
            Err(_) => stream.take_error()?.map_or(HopAnswer::Silent, |error| by_error(&error)),
        })
    }

    /// Whether a hello ends in time where nothing counts that arrives with a TTL below `ttl`.
    async fn ends(&self, ttl: u8) -> bool {
        let Ok(Ok(stream)) = timeout(self.patience, connect::dial(self.peer, None)).await else { return false };
        let socket = SockRef::from(&stream);
        let sent = os::ignore_below(&socket, self.peer.ip(), ttl).and_then(|()| stream.try_write(&self.hello));
        let ended = match sent {
            Ok(_) => match timeout(self.patience, receive(&stream)).await {
                Ok(Ok(begins)) => !is_server_hello(&begins),
                Ok(Err(_)) => true,
                Err(_) => false,
            },
            Err(_) => false,
        };
        reset(&stream, self.peer.ip());
        ended
    }
}

/// How the answer begins.
async fn receive(stream: &TcpStream) -> io::Result<Vec<u8>> {
    let (mut received, mut chunk) = (Vec::new(), [0; MIN_FIRST_BYTES]);
    while received.len() < MIN_FIRST_BYTES {
        // Errors alone make a connection neither readable nor closed.
        let ready = stream.ready(Interest::READABLE | Interest::ERROR).await?;
        match stream.try_read(&mut chunk) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(length) => received.extend(&chunk[..length]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                if let Some(error) = stream.take_error()?.filter(|_| ready.is_error()) {
                    return Err(error);
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(received)
}

/// The socket of an established connection does not learn which router it was.
fn by_error(error: &io::Error) -> HopAnswer {
    match error.kind() {
        io::ErrorKind::HostUnreachable => HopAnswer::TimeExceeded,
        _ => HopAnswer::Refused,
    }
}

/// Ends a connection by a RST that may take all the hops it needs; nothing that was limited is sent again after it.
fn reset(stream: &TcpStream, peer: IpAddr) {
    connect::end_by_reset(stream);
    let _ = os::limit_hops(&SockRef::from(stream), peer, MAX_HOPS);
}
