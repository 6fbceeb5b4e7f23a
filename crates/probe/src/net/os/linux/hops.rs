//! Hops, without any privilege: how many a connection's packets may take, and how many its answers may have taken.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    os::fd::AsRawFd,
};

use socket2::Socket;

use crate::net::os::is_under_way;

/// Whether paths can be traced on this system.
pub(crate) const TRACES_PATHS: bool = true;

/// Has the kernel ignore what arrives for a connection with a TTL below `ttl` (RFC 5082).
pub(crate) fn ignore_below(socket: &Socket, peer: IpAddr, ttl: u8) -> io::Result<()> {
    let (level, option) = match peer {
        IpAddr::V4(_) => (libc::IPPROTO_IP, libc::IP_MINTTL),
        IpAddr::V6(_) => (libc::IPPROTO_IPV6, libc::IPV6_MINHOPCOUNT),
    };
    set(socket, level, option, ttl.into())
}

/// Connects, with `data` in the SYN already, although the peer never gave a cookie for it (tcp(7), `TCP_FASTOPEN_NO_COOKIE`). A
/// peer that wants none of it answers as to any SYN, and the data is sent again behind the handshake.
pub(crate) fn connect_with_data(socket: &Socket, peer: SocketAddr, data: &[u8]) -> io::Result<()> {
    set(socket, libc::IPPROTO_TCP, libc::TCP_FASTOPEN_NO_COOKIE, 1)?;
    match socket.send_to_with_flags(data, &peer.into(), libc::MSG_FASTOPEN) {
        Err(error) if !is_under_way(&error) => Err(error),
        _ => Ok(()),
    }
}

#[allow(unsafe_code)] // no safe wrapper exists in the crates we use
fn set(socket: &Socket, level: libc::c_int, option: libc::c_int, value: libc::c_int) -> io::Result<()> {
    let length = libc::socklen_t::try_from(size_of_val(&value)).unwrap_or_default();
    // SAFETY: the kernel reads `length` bytes, the size of `value`.
    let failed = unsafe { libc::setsockopt(socket.as_raw_fd(), level, option, (&raw const value).cast(), length) };
    if failed == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
