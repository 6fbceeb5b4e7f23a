//! One datagram with a say in how far it may go, and what it gets: UDP, or an ICMP echo request. No privilege is needed,
//! though a system may keep echo requests to itself (Linux: `net.ipv4.ping_group_range`).

use std::{
    io,
    mem::MaybeUninit,
    net::{SocketAddr, UdpSocket},
    time::Duration,
};

use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::{io::Interest, time::timeout};

use super::syn::icmp_answer;
use crate::{
    net::os,
    observation::{PacketKind, ProbeAnswer},
};

/// The traditional port of traceroute: no program listens there, so the address answers with Port Unreachable.
pub(super) const UDP_PORT: u16 = 33434;
/// For people who look at the packets.
const PAYLOAD: &[u8] = b"hubreach path probe";
/// Echo request (RFC 792, RFC 4443).
const ECHO_REQUEST: u8 = 8;
const ECHO_REQUEST_V6: u8 = 128;
/// An answer's contents do not matter.
const RECEIVE_SIZE: usize = 64;

/// Sends one with a TTL of `hops`, and waits at most `patience` for the answer.
pub(super) async fn datagram(kind: PacketKind, peer: SocketAddr, hops: u8, patience: Duration) -> ProbeAnswer {
    let not_sent = |error: &io::Error| ProbeAnswer::NotSent { message: error.to_string() };
    let socket = match start(kind, peer, hops) {
        Ok(socket) => socket,
        Err(error) => return not_sent(&error),
    };
    let interest = Interest::READABLE | Interest::ERROR;
    match timeout(patience, socket.async_io(interest, || receive(&socket, peer))).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => not_sent(&error),
        Err(_) => ProbeAnswer::Silent,
    }
}

fn start(kind: PacketKind, peer: SocketAddr, hops: u8) -> io::Result<tokio::net::UdpSocket> {
    let protocol = match (kind, peer.is_ipv6()) {
        (PacketKind::IcmpEcho, false) => Protocol::ICMPV4,
        (PacketKind::IcmpEcho, true) => Protocol::ICMPV6,
        (PacketKind::Udp | PacketKind::Tcp, _) => Protocol::UDP,
    };
    let socket = Socket::new(Domain::for_address(peer), Type::DGRAM, Some(protocol))?;
    socket.set_nonblocking(true)?;
    os::enable_recverr(&socket, peer.ip());
    os::limit_hops(&socket, peer.ip(), hops)?;
    socket.connect(&peer.into())?;
    let message = match (kind, peer.is_ipv6()) {
        // Checksum and identifier are the system's to fill in.
        (PacketKind::IcmpEcho, false) => [&[ECHO_REQUEST, 0, 0, 0, 0, 0, 0, hops], PAYLOAD].concat(),
        (PacketKind::IcmpEcho, true) => [&[ECHO_REQUEST_V6, 0, 0, 0, 0, 0, 0, hops], PAYLOAD].concat(),
        (PacketKind::Udp | PacketKind::Tcp, _) => PAYLOAD.to_vec(),
    };
    socket.send(&message)?;
    tokio::net::UdpSocket::from_std(UdpSocket::from(socket))
}

/// What has come, if anything has.
fn receive(socket: &tokio::net::UdpSocket, peer: SocketAddr) -> io::Result<ProbeAnswer> {
    if let Some(error) = os::icmp_error(socket) {
        return Ok(icmp_answer(error, peer.ip()));
    }
    SockRef::from(socket).recv(&mut [MaybeUninit::uninit(); RECEIVE_SIZE]).map(|_| ProbeAnswer::Reply)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[tokio::test]
    async fn a_closed_port_of_this_machine_says_so_itself() {
        let local = Ipv4Addr::LOCALHOST;
        let answer = datagram(PacketKind::Udp, (local, UDP_PORT).into(), 1, Duration::from_secs(2)).await;
        assert_eq!(answer, ProbeAnswer::Icmp { icmp_type: 3, code: 3, from: Some(local.into()) });
    }
}
