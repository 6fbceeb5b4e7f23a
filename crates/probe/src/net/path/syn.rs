//! One SYN on a socket of its own, with a say in how far it may go, and what it gets. No privilege is needed.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::{net::TcpStream, time::timeout};

use crate::{
    net::os::{self, IcmpError},
    observation::ProbeAnswer,
};

/// What is out of the ordinary about a SYN or its answer.
#[derive(Debug, Clone, Copy)]
pub(super) enum Limit {
    /// Its TTL.
    Hops(u8),
    /// Only an answer that arrives with this TTL or more counts.
    AnswerTtl(u8),
}

/// Sends one and waits so long for its answer. A connection that comes about is reset at once; one that does not is
/// dropped, of which the network sees nothing.
pub(super) async fn syn(peer: SocketAddr, limit: Limit, patience: Duration) -> ProbeAnswer {
    let stream = match start(peer, limit) {
        Ok(stream) => stream,
        Err(error) => return ProbeAnswer::NotSent { message: error.to_string() },
    };
    let Ok(ended) = timeout(patience, stream.writable()).await else {
        return ProbeAnswer::Silent;
    };
    let error = match ended.and_then(|()| stream.take_error()) {
        Ok(None) => return ProbeAnswer::SynAck,
        // What has been established is reset; what has not is refused.
        Ok(Some(error)) if error.kind() == io::ErrorKind::ConnectionReset => return ProbeAnswer::SynAck,
        Ok(Some(error)) | Err(error) => error,
    };
    match os::icmp_error(&stream) {
        Some(error) => icmp_answer(error, peer.ip()),
        None => match error.kind() {
            io::ErrorKind::ConnectionRefused => ProbeAnswer::Reset,
            io::ErrorKind::TimedOut => ProbeAnswer::Silent,
            _ => ProbeAnswer::NotSent { message: error.to_string() },
        },
    }
}

/// What an ICMP error says of a packet to `peer`.
pub(super) fn icmp_answer(error: IcmpError, peer: IpAddr) -> ProbeAnswer {
    let IcmpError { icmp_type, code, offender } = error;
    match is_time_exceeded(icmp_type, peer) {
        true => ProbeAnswer::TimeExceeded { from: offender },
        false => ProbeAnswer::Icmp { icmp_type, code, from: offender },
    }
}

fn start(peer: SocketAddr, limit: Limit) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(peer), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    socket.set_linger(Some(Duration::ZERO))?;
    os::enable_recverr(&socket, peer.ip());
    os::send_one_syn(&socket);
    match limit {
        Limit::Hops(hops) => os::limit_hops(&socket, peer.ip(), hops)?,
        Limit::AnswerTtl(ttl) => os::ignore_below(&socket, peer.ip(), ttl)?,
    }
    match socket.connect(&peer.into()) {
        Ok(()) => {}
        Err(error) if os::is_under_way(&error) => {}
        Err(error) => return Err(error),
    }
    TcpStream::from_std(socket.into())
}

/// ICMP type 11 (RFC 792), ICMPv6 type 3 (RFC 4443).
fn is_time_exceeded(icmp_type: u8, peer: IpAddr) -> bool {
    icmp_type == if peer.is_ipv6() { 3 } else { 11 }
}
