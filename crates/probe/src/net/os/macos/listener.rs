//! ICMP errors for connections of ours: macOS keeps none with the connection, but hands them all to a datagram ICMP
//! socket, which any user may open. Which connection an error is about, the quoted ports tell.

use std::{
    collections::{HashMap, VecDeque},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    os::fd::{AsRawFd, RawFd},
    sync::{Mutex, OnceLock, PoisonError},
};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpStream;

use super::icmp::{self, Quoting};
use crate::net::os::IcmpError;

/// Errors that nobody has asked for yet; the oldest go first.
const MAX_HEARD: usize = 512;
/// Messages that are read at once. A flood of them ends no sooner, and no later.
const MAX_READ: usize = 256;
/// An error quotes no more of a packet than this has room for.
const MAX_MESSAGE: usize = 1500;

/// Reads a message of one family.
type Reader = fn(&[u8]) -> Option<Quoting>;

/// The two sockets, and what they have heard.
struct Listener {
    v4: Option<UdpSocket>,
    v6: Option<UdpSocket>,
    heard: VecDeque<(Quoting, IpAddr)>,
    /// The local port of each connection that is listened for, and where it leads.
    watched: HashMap<RawFd, (u16, IpAddr)>,
}

fn listener() -> &'static Mutex<Listener> {
    static LISTENER: OnceLock<Mutex<Listener>> = OnceLock::new();
    LISTENER.get_or_init(|| {
        let (v4, v6) = (open(Domain::IPV4, Protocol::ICMPV4), open(Domain::IPV6, Protocol::ICMPV6));
        Mutex::new(Listener { v4, v6, heard: VecDeque::new(), watched: HashMap::new() })
    })
}

/// The standard library has datagrams for UDP alone; to the kernel they are the same.
fn open(domain: Domain, protocol: Protocol) -> Option<UdpSocket> {
    let socket = Socket::new(domain, Type::DGRAM, Some(protocol)).ok()?;
    socket.set_nonblocking(true).ok()?;
    Some(socket.into())
}

/// Listens for ICMP errors about a connection, before its connect. It is given its port now, by which they are known.
/// Errors end no connection here, and a refusal may be one that came without a word to us: `false`, it does not rule
/// them out.
pub(crate) fn enable_recverr(socket: &Socket, peer: IpAddr) -> bool {
    let port_of = |socket: &Socket| {
        let local = socket.local_addr().ok()?.as_socket()?;
        (local.port() != 0).then(|| local.port())
    };
    let any: IpAddr = if peer.is_ipv6() { Ipv6Addr::UNSPECIFIED.into() } else { Ipv4Addr::UNSPECIFIED.into() };
    let port = port_of(socket).or_else(|| {
        socket.bind(&SocketAddr::new(any, 0).into()).ok()?;
        port_of(socket)
    });
    if let Some(port) = port {
        let mut listener = listener().lock().unwrap_or_else(PoisonError::into_inner);
        // What was said of an earlier connection by the same port is not said of this one.
        listener.hear();
        listener.heard.retain(|(quoting, _)| (quoting.from_port, quoting.to) != (port, peer));
        listener.watched.insert(socket.as_raw_fd(), (port, peer));
    }
    false
}

/// Nothing here tears down a connection that stands.
pub(crate) fn stop_hearing_icmp(stream: &TcpStream, _: IpAddr) {
    listener().lock().unwrap_or_else(PoisonError::into_inner).watched.remove(&stream.as_raw_fd());
}

/// The newest ICMP error about a connection.
pub(crate) fn icmp_error(socket: &impl AsRawFd) -> Option<IcmpError> {
    let mut listener = listener().lock().unwrap_or_else(PoisonError::into_inner);
    listener.hear();
    let (port, to) = *listener.watched.get(&socket.as_raw_fd())?;
    let is_of_it = |quoting: &Quoting| (quoting.from_port, quoting.to) == (port, to);
    let (quoting, offender) = *listener.heard.iter().rev().find(|(quoting, _)| is_of_it(quoting))?;
    listener.heard.retain(|(quoting, _)| !is_of_it(quoting));
    Some(IcmpError { icmp_type: quoting.icmp_type, code: quoting.code, offender: Some(offender) })
}

impl Listener {
    fn hear(&mut self) {
        let Self { v4, v6, heard, .. } = self;
        let sockets: [(&Option<UdpSocket>, Reader); 2] = [(v4, icmp::read), (v6, icmp::read_v6)];
        for (socket, read) in sockets {
            let mut message = [0; MAX_MESSAGE];
            for _ in 0..MAX_READ {
                let Some(Ok((length, from))) = socket.as_ref().map(|socket| socket.recv_from(&mut message)) else {
                    break;
                };
                heard.extend(read(&message[..length]).map(|quoting| (quoting, from.ip())));
            }
        }
        let surplus = heard.len().saturating_sub(MAX_HEARD);
        heard.drain(..surplus);
    }
}
