//! The TCP handshake: hedged by a second connection, and its failure read from the socket's error queue.

use std::{io, net::SocketAddr, time::Duration};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpStream;

use super::{
    os,
    run_control::{RunControl, Timeout},
    stage_clock::StageClock,
};
use crate::observation::{ConnectEvidence, ConnectFailure, Rejection, StageResult};

/// When a second connection starts in parallel with a silent first one. Late enough to cost a healthy network nothing,
/// early enough for its own retransmissions to help on a lossy link.
const HEDGE_DELAY: Duration = Duration::from_secs(2);

type Connected = (StageResult<ConnectEvidence, ConnectFailure>, Option<TcpStream>);

/// Connects to `peer`; the stream comes with the stage where it succeeded.
pub(crate) async fn connect(control: &RunControl, peer: SocketAddr) -> Connected {
    let clock = StageClock::start();
    let first = match Dial::start_with_one_syn(peer) {
        Ok(dial) => dial,
        Err(error) => return (clock.failed(at_once(&error, peer), None), None),
    };
    let outcome = control.within(control.connect_timeout(), first_of_two(&first, peer)).await;
    ended(clock, peer, first, outcome)
}

/// One connection, without a hedge, that is waited for no longer than `patience`: for a look at what answers when nothing else of
/// ours is under way.
pub(crate) async fn connect_once(control: &RunControl, peer: SocketAddr, patience: Duration) -> Connected {
    let clock = StageClock::start();
    let dial = match Dial::start(peer, None) {
        Ok(dial) => dial,
        Err(error) => return (clock.failed(at_once(&error, peer), None), None),
    };
    let outcome = control.within(patience, dial.answer(peer)).await;
    ended(clock, peer, dial, outcome.map(|answer| answer.map(|()| None)))
}

/// What came of `first`, or of its hedge, if that is what won.
fn ended(
    clock: StageClock,
    peer: SocketAddr,
    first: Dial,
    outcome: Result<Result<Option<Dial>, ConnectFailure>, Timeout>,
) -> Connected {
    match outcome {
        Ok(Ok(hedge)) => {
            let hedged = hedge.is_some();
            let won = hedge.unwrap_or(first);
            os::stop_hearing_icmp(&won.stream, peer.ip());
            let (local, retransmits) = (won.stream.local_addr().ok(), won.retransmits());
            (clock.ok(ConnectEvidence { local, retransmits, hedged }), Some(won.stream))
        }
        Ok(Err(failure)) => (clock.failed(failure, None), None),
        Err(Timeout::Stage) => (clock.failed(first.timed_out(), None), None),
        Err(Timeout::Run) => (clock.cancelled(), None),
    }
}

/// One connection without a hedge, whose peer shall send segments of at most `mss` bytes.
pub(crate) async fn dial(peer: SocketAddr, mss: Option<u16>) -> io::Result<TcpStream> {
    let dial = Dial::start(peer, mss)?;
    dial.answer(peer).await.map_err(|_| io::Error::from(io::ErrorKind::NotConnected))?;
    os::stop_hearing_icmp(&dial.stream, peer.ip());
    Ok(dial.stream)
}

/// Waits for the first connection, and after a while for a second in parallel; gives the second if that one won. An
/// answer of the network to either decides. If this machine lacks a resource for the second, the first goes on.
///
/// A first one that sends its SYN once may end without an answer: the second then starts at once, and sends its own again.
async fn first_of_two(first: &Dial, peer: SocketAddr) -> Result<Option<Dial>, ConnectFailure> {
    let mut has_ended = false;
    tokio::select! {
        answer = first.answer(peer) => match answer {
            Err(ConnectFailure::TimedOut { .. }) if first.sends_once => has_ended = true,
            answer => return answer.map(|()| None),
        },
        () = tokio::time::sleep(HEDGE_DELAY) => {}
    }
    let second = match Dial::start(peer, None) {
        Ok(second) => second,
        Err(error) if has_ended => return Err(at_once(&error, peer)),
        Err(_) => return first.answer(peer).await.map(|()| None),
    };
    if first.sends_once {
        // Late answers to its only SYN still count, the end of its patience does not.
        return tokio::select! {
            Ok(()) = first.answer(peer), if !has_ended => Ok(None),
            answer = second.answer(peer) => answer.map(|()| Some(second)),
        };
    }
    tokio::select! {
        answer = first.answer(peer) => answer.map(|()| None),
        answer = second.answer(peer) => answer.map(|()| Some(second)),
    }
}

/// The ICMP error, if any, that answers a SYN with `data` in it. Of an established connection the system keeps no such error, and
/// a rule that looks at content does not look at whether the SYN brought it.
pub(crate) async fn rejection(peer: SocketAddr, data: &[u8], patience: Duration) -> Option<Rejection> {
    let socket = Socket::new(Domain::for_address(peer), Type::STREAM, Some(Protocol::TCP)).ok()?;
    socket.set_nonblocking(true).ok()?;
    if !os::enable_recverr(&socket, peer.ip()) {
        return None;
    }
    os::connect_with_data(&socket, peer, data).ok()?;
    let stream = TcpStream::from_std(socket.into()).ok()?;
    // Whichever way it ends, what the error queue holds is the answer.
    let _ = tokio::time::timeout(patience, stream.writable()).await;
    let own = stream.local_addr().ok().map(|local| local.ip());
    end_by_reset(&stream);
    os::icmp_error(&stream).map(|error| error.recorded(own))
}

/// A connection under way. The stream is kept while it is, so that its socket can still be asked afterwards.
pub(crate) struct Dial {
    stream: TcpStream,
    /// Whether the system would tell an ICMP error from a RST.
    hears_icmp: bool,
    /// Whether it sends no SYN again.
    sends_once: bool,
}

impl Dial {
    /// Sends the first SYN, which asks for segments no larger than `mss`, if that.
    pub(crate) fn start(peer: SocketAddr, mss: Option<u16>) -> io::Result<Self> {
        Self::begin(peer, mss, |_| false)
    }

    /// The same with one SYN and no more, where the system answers a RST by further SYNs: the refusal is told at once then.
    fn start_with_one_syn(peer: SocketAddr) -> io::Result<Self> {
        Self::begin(peer, None, os::send_one_syn)
    }

    fn begin(peer: SocketAddr, mss: Option<u16>, limit_syns: impl Fn(&Socket) -> bool) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(peer), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        socket.set_tcp_nodelay(true)?;
        if let Some(mss) = mss {
            os::clamp_segments(&socket, mss)?;
        }
        let (hears_icmp, sends_once) = (os::enable_recverr(&socket, peer.ip()), limit_syns(&socket));
        match socket.connect(&peer.into()) {
            Ok(()) => {}
            Err(error) if os::is_under_way(&error) => {}
            Err(error) => return Err(error),
        }
        Ok(Self { stream: TcpStream::from_std(socket.into())?, hears_icmp, sends_once })
    }

    /// SYNs sent again so far, where the system tells.
    pub(crate) fn retransmits(&self) -> Option<u32> {
        if self.sends_once {
            return Some(0);
        }
        os::tcp_state(&self.stream).map(|state| state.retransmits)
    }

    /// Why nothing came of it in time: an ICMP error, where the system lets none end a connect, or silence.
    fn timed_out(&self) -> ConnectFailure {
        // Where this one sends no SYN again, its hedge has.
        let retransmits = || self.retransmits().filter(|_| !self.sends_once);
        self.rejection().unwrap_or_else(|| ConnectFailure::TimedOut { retransmits: retransmits() })
    }

    fn rejection(&self) -> Option<ConnectFailure> {
        let own = self.stream.local_addr().ok().map(|local| local.ip());
        let Rejection { icmp_type, code, offender, from_this_machine } = os::icmp_error(&self.stream)?.recorded(own);
        Some(ConnectFailure::Icmp { icmp_type, code, offender, from_this_machine })
    }

    /// Waits for the handshake's end for at most `patience`; whether the peer took the connection, `None` where nothing
    /// came. What answers is not used for anything.
    pub(crate) async fn is_taken(&self, peer: SocketAddr, patience: Duration) -> Option<bool> {
        tokio::time::timeout(patience, self.answer(peer)).await.ok().map(|answer| answer.is_ok())
    }

    /// Ends it by a RST instead of a FIN, so that no device on the path counts it any longer.
    pub(crate) fn drop_at_once(self) {
        end_by_reset(&self.stream);
    }

    /// Waits for the handshake's end.
    async fn answer(&self, peer: SocketAddr) -> Result<(), ConnectFailure> {
        let error = match self.stream.writable().await {
            Ok(()) => match self.stream.take_error() {
                Ok(None) => return Ok(()),
                // A SYN that a RST answers is refused; reset is what has been established. The next stage meets that.
                Ok(Some(error)) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(()),
                Ok(Some(error)) | Err(error) => error,
            },
            Err(error) => error,
        };
        tracing::debug!(%peer, %error, "connect failed");
        if let Some(rejected) = self.rejection() {
            return Err(rejected);
        }
        Err(match error.kind() {
            io::ErrorKind::ConnectionRefused => ConnectFailure::Refused { icmp_ruled_out: self.hears_icmp },
            io::ErrorKind::TimedOut => ConnectFailure::TimedOut { retransmits: self.retransmits() },
            // Routes of this machine's own that are missing are told at once, by `connect` itself.
            io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable => ConnectFailure::Unreachable,
            _ if os::is_from_the_network(&error) => ConnectFailure::Unreachable,
            _ => at_once(&error, peer),
        })
    }
}

/// An error of this machine, before or instead of any packet.
fn at_once(error: &io::Error, peer: SocketAddr) -> ConnectFailure {
    let message = error.to_string();
    match error.kind() {
        _ if os::a_route_forbids(error) => ConnectFailure::Local { errno: message },
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable | io::ErrorKind::Unsupported => {
            ConnectFailure::NoRoute
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::InvalidInput => ConnectFailure::Local { errno: message },
        io::ErrorKind::AddrNotAvailable => without_port(peer),
        io::ErrorKind::OutOfMemory => ConnectFailure::NoResources { message },
        _ if os::is_fd_exhausted(error) => ConnectFailure::NoResources { message },
        _ if os::lacks_family(error) => ConnectFailure::NoRoute,
        _ => ConnectFailure::Other { message },
    }
}

/// No address of its own to send from reads like no port: only the latter leaves datagrams a way, or no port to them either.
fn without_port(peer: SocketAddr) -> ConnectFailure {
    let no_route = |error: io::Error| error.kind() != io::ErrorKind::AddrInUse;
    match os::source_towards(peer.ip()).is_err_and(no_route) {
        false => ConnectFailure::NoPort { range: os::port_range(), taken: os::connections_to(peer) },
        true => ConnectFailure::NoRoute,
    }
}

/// Lets a connection end by a RST instead of a FIN once it is dropped, so that no device on the path counts it any
/// longer.
pub(crate) fn end_by_reset(stream: &TcpStream) {
    let _ = socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO));
}
