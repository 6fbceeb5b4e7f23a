//! Opening a port, or keeping it shut in one of several ways.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};

use super::PortMode;

/// How many connections the system keeps until they are accepted.
const QUEUE: i32 = 128;
/// A connection over loopback that takes longer was dropped.
const LOOPBACK_TIMEOUT: Duration = Duration::from_millis(200);
/// More than a queue of length zero holds on any system that drops at all.
const MAX_FILLERS: usize = 8;

/// A port that is taken.
#[derive(Debug)]
pub(super) enum Opened {
    /// Connections can be accepted.
    Listening(TcpListener),
    /// Bound and not listening: the kernel answers with a RST.
    Closed(Socket),
    /// Listening with a full queue: the kernel drops each SYN.
    Full(TcpListener, #[expect(dead_code, reason = "they fill the queue as long as they live")] Vec<TcpStream>),
}

impl Opened {
    /// The address, with the port that was given where any would do.
    pub(super) fn local_addr(&self) -> io::Result<SocketAddr> {
        match self {
            Self::Listening(listener) | Self::Full(listener, _) => listener.local_addr(),
            Self::Closed(socket) => {
                socket.local_addr()?.as_socket().ok_or_else(|| io::Error::other("not an internet address"))
            }
        }
    }
}

/// Takes `address` as `mode` says.
pub(super) async fn open(address: SocketAddr, mode: &PortMode) -> io::Result<Opened> {
    let socket = bind(address)?;
    match mode {
        PortMode::Closed => Ok(Opened::Closed(socket)),
        PortMode::SynDrop => {
            let listener = listen(socket, 0)?;
            let fillers = fill(listener.local_addr()?).await?;
            Ok(Opened::Full(listener, fillers))
        }
        _ => Ok(Opened::Listening(listen(socket, QUEUE)?)),
    }
}

fn bind(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // Elsewhere than on Unix the option lets two programs share a port.
    if cfg!(unix) {
        socket.set_reuse_address(true)?;
    }
    if address.ip() == IpAddr::V6(Ipv6Addr::UNSPECIFIED) {
        // `[::]` serves IPv4 too.
        socket.set_only_v6(false)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

fn listen(socket: Socket, queue: i32) -> io::Result<TcpListener> {
    socket.listen(queue)?;
    TcpListener::from_std(socket.into())
}

/// Connects to a listener that never accepts until its queue is full. Linux then drops every further SYN.
async fn fill(mut address: SocketAddr) -> io::Result<Vec<TcpStream>> {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    let mut fillers = Vec::new();
    while fillers.len() < MAX_FILLERS {
        match timeout(LOOPBACK_TIMEOUT, TcpStream::connect(address)).await {
            Ok(filler) => fillers.push(filler?),
            Err(_) => return Ok(fillers),
        }
    }
    Err(io::Error::new(io::ErrorKind::Unsupported, "this system does not drop SYNs when a queue is full"))
}
