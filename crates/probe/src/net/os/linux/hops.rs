//! Hops, without any privilege: how many a connection's packets may take, and how many its answers may have taken.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    os::fd::AsRawFd,
};

use nix::{
    ifaddrs::{InterfaceAddress, getifaddrs},
    sys::socket::SockaddrStorage,
};
use socket2::Socket;

use crate::net::os::is_under_way;

/// Whether paths can be traced on this system.
pub(crate) const TRACES_PATHS: bool = true;

/// Lets the packets of a connection take `hops` and no more.
pub(crate) fn limit_hops(socket: &Socket, peer: IpAddr, hops: u8) -> io::Result<()> {
    match peer {
        IpAddr::V4(_) => socket.set_ttl_v4(u32::from(hops)),
        IpAddr::V6(_) => socket.set_unicast_hops_v6(u32::from(hops)),
    }
}

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

/// Whether `address` is in a network of one of this machine's interfaces, or its own.
pub(crate) fn on_link(address: IpAddr) -> Option<bool> {
    Some(getifaddrs().ok()?.any(|interface| holds(&interface, address)))
}

/// The addresses of this machine's interfaces.
pub(crate) fn own_addresses() -> Vec<IpAddr> {
    getifaddrs().into_iter().flatten().filter_map(|interface| ip(&interface.address?)).collect()
}

fn holds(interface: &InterfaceAddress, address: IpAddr) -> bool {
    let own = interface.address.as_ref().and_then(ip);
    // The far end of a point-to-point link stands apart from its own network.
    let far_end = interface.destination.as_ref().and_then(ip);
    if own == Some(address) || far_end == Some(address) {
        return true;
    }
    match (own, interface.netmask.as_ref().and_then(ip), address) {
        (Some(IpAddr::V4(own)), Some(IpAddr::V4(mask)), IpAddr::V4(address)) => own & mask == address & mask,
        (Some(IpAddr::V6(own)), Some(IpAddr::V6(mask)), IpAddr::V6(address)) => own & mask == address & mask,
        _ => false,
    }
}

fn ip(address: &SockaddrStorage) -> Option<IpAddr> {
    let v4 = address.as_sockaddr_in().map(|v4| IpAddr::V4(v4.ip()));
    v4.or_else(|| address.as_sockaddr_in6().map(|v6| IpAddr::V6(v6.ip())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_on_a_link_and_a_documentation_address_is_not() {
        assert_eq!(on_link(IpAddr::from([127, 0, 0, 1])), Some(true));
        assert_eq!(on_link(IpAddr::from([203, 0, 113, 1])), Some(false));
        assert!(own_addresses().contains(&IpAddr::from([127, 0, 0, 1])));
    }
}
