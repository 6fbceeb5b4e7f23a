//! Linux: the socket's error queue names the ICMP error and its sender, `TCP_INFO` the retransmissions; no privilege needed.

mod counters;
mod hops;
mod local_network;
mod netlink;
mod ports;

use std::{
    fs,
    io::{self, IoSliceMut},
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    os::fd::{AsFd, AsRawFd},
};

use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt};
use socket2::Socket;
use tokio::net::TcpStream;

pub(crate) use counters::counters;
pub(crate) use hops::{TRACES_PATHS, connect_with_data, ignore_below};
pub(crate) use local_network::local_network;
pub(crate) use ports::{connections_to, port_range};

use super::{IcmpError, TcpState, unix};

/// Asks for ICMP errors to be kept in the socket's error queue, before a connect (ip(7), `IP_RECVERR`); says whether
/// they will be, which a sandbox may refuse.
pub(crate) fn enable_recverr(socket: &Socket, peer: IpAddr) -> bool {
    set_recverr(socket, peer, true).is_ok()
}

/// An established connection must not be torn down by a stray ICMP error.
pub(crate) fn stop_hearing_icmp(stream: &TcpStream, peer: IpAddr) {
    // Without it the connection is merely more fragile.
    let _ = set_recverr(stream, peer, false);
}

fn set_recverr(socket: &impl AsFd, peer: IpAddr, on: bool) -> nix::Result<()> {
    match peer {
        IpAddr::V4(_) => setsockopt(socket, sockopt::Ipv4RecvErr, &on),
        IpAddr::V6(_) => setsockopt(socket, sockopt::Ipv6RecvErr, &on),
    }
}

/// More entries than the error queue of a socket holds that has sent a few packets.
const MAX_ERRORS: usize = 64;

/// Takes the newest ICMP error out of a socket's error queue.
pub(crate) fn icmp_error(socket: &impl AsRawFd) -> Option<IcmpError> {
    let mut control = nix::cmsg_space!(libc::sock_extended_err, libc::sockaddr_in6);
    let mut newest = None;
    for _ in 0..MAX_ERRORS {
        // Of the packet that an error is about nothing is wanted, but emulators and sandboxes fail where there is no room
        // for any of it.
        let mut packet = [0];
        let mut room = [IoSliceMut::new(&mut packet)];
        let queue = MsgFlags::MSG_ERRQUEUE;
        // An empty queue answers EAGAIN.
        let Ok(message) = recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut room, Some(&mut control), queue) else {
            break;
        };
        // A system without such a queue answers from the stream instead, whose end can be read again and again.
        let mut entry = message.cmsgs().into_iter().flatten().peekable();
        if entry.peek().is_none() {
            break;
        }
        for control in entry {
            newest = match control {
                ControlMessageOwned::Ipv4RecvErr(error, from) => {
                    icmp(error, from.map(|from| Ipv4Addr::from(u32::from_be(from.sin_addr.s_addr)).into()))
                }
                ControlMessageOwned::Ipv6RecvErr(error, from) => {
                    icmp(error, from.map(|from| Ipv6Addr::from(from.sin6_addr.s6_addr).into()))
                }
                _ => newest,
            };
        }
    }
    newest
}

/// Errors of this machine's own making carry another origin and are not ICMP.
fn icmp(error: libc::sock_extended_err, offender: Option<IpAddr>) -> Option<IcmpError> {
    let from_icmp = matches!(error.ee_origin, libc::SO_EE_ORIGIN_ICMP | libc::SO_EE_ORIGIN_ICMP6);
    from_icmp.then_some(IcmpError { icmp_type: error.ee_type, code: error.ee_code, offender })
}

/// All that is read of the kernel's bytes: netlink messages, and an entry of an error queue.
#[cfg(fuzzing)]
pub(crate) fn read_kernel_bytes(bytes: &[u8]) {
    netlink::read(bytes);
    if let Some([origin, kind, code, rest @ ..]) = bytes.first_chunk::<7>() {
        let error = libc::sock_extended_err {
            ee_errno: 0,
            ee_origin: *origin,
            ee_type: *kind,
            ee_code: *code,
            ee_pad: 0,
            ee_info: 0,
            ee_data: 0,
        };
        let offender: IpAddr = Ipv4Addr::from(*rest).into();
        if let Some(error) = icmp(error, Some(offender)) {
            let _ = super::super::path::read_icmp(error, offender);
        }
    }
}

/// All that is read of the kernel's tables.
#[cfg(fuzzing)]
pub(crate) fn read_kernel_tables(text: &str) {
    let _ = (gateway_v4(text), gateway_v6(text));
    counters::read(text);
    ports::read(text);
}

/// Whether [`clamp_segments`] works here.
pub(crate) const CLAMPS_SEGMENTS: bool = true;

/// Announces a maximum segment size before a connect (tcp(7), `TCP_MAXSEG`): neither end then sends larger ones.
pub(crate) fn clamp_segments(socket: &Socket, mss: u16) -> io::Result<()> {
    socket.set_tcp_mss(mss.into())
}

/// Reads `TCP_INFO` (tcp(7)).
#[allow(unsafe_code)] // no safe wrapper exists in the crates we use
pub(crate) fn tcp_state(stream: &TcpStream) -> Option<TcpState> {
    // SAFETY: it is a structure of numbers.
    let info: libc::tcp_info = unsafe { unix::tcp_option(stream, libc::TCP_INFO) }?;
    Some(TcpState {
        retransmits: info.tcpi_total_retrans,
        unacknowledged: info.tcpi_unacked,
        segment: info.tcpi_snd_mss,
    })
}

/// The default gateway, IPv4 first (`/proc/net/route`, `/proc/net/ipv6_route`; addresses in hexadecimal).
pub(crate) fn gateway() -> Option<IpAddr> {
    gateway_v4(&fs::read_to_string("/proc/net/route").unwrap_or_default())
        .or_else(|| gateway_v6(&fs::read_to_string("/proc/net/ipv6_route").unwrap_or_default()))
}

/// Columns: interface, destination, gateway, ...; the words are in host byte order.
fn gateway_v4(routes: &str) -> Option<IpAddr> {
    routes.lines().skip(1).find_map(|line| {
        let mut columns = line.split_whitespace().skip(1);
        let (destination, gateway) = (columns.next()?, u32::from_str_radix(columns.next()?, 16).ok()?);
        (destination == "00000000" && gateway != 0).then(|| Ipv4Addr::from(gateway.to_ne_bytes()).into())
    })
}

/// Columns: destination, its prefix length, source, its prefix length, next hop, ...
fn gateway_v6(routes: &str) -> Option<IpAddr> {
    routes.lines().find_map(|line| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let next_hop = u128::from_str_radix(columns.get(4)?, 16).ok()?;
        let is_default = columns[1] == "00" && columns[0].bytes().all(|digit| digit == b'0');
        (is_default && next_hop != 0).then(|| Ipv6Addr::from(next_hop).into())
    })
}

/// The number of file descriptors that this process may have, raised as far as it may raise it itself.
pub(crate) fn raise_descriptors() -> Option<u64> {
    unix::raise_descriptors_to(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gateway_is_read_from_the_kernels_tables() {
        let v4 = "Iface\tDestination\tGateway\tFlags\neth0\t0000140A\t00000000\t1\neth0\t00000000\tFE00140A\t3\n";
        if cfg!(target_endian = "little") {
            assert_eq!(gateway_v4(v4), Some("10.20.0.254".parse().expect("address")));
        }
        let v6 = "00000000000000000000000000000000 00 00000000000000000000000000000000 00 \
                  fe800000000000000000000000000001 00000400 00000001 00000000 00000003 eth0\n";
        assert_eq!(gateway_v6(v6), Some("fe80::1".parse().expect("address")));
        assert_eq!(gateway_v4(""), None);
        assert_eq!(gateway_v6(""), None);
    }
}
