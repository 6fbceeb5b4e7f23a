//! What the kernel tells of connections, links and limits.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    os::fd::AsRawFd,
};

use nix::{
    ifaddrs::{InterfaceAddress as Row, getifaddrs},
    net::if_::InterfaceFlags,
    sys::{
        resource::{Resource, getrlimit, setrlimit},
        socket::SockaddrStorage,
    },
};
use socket2::Socket;
use tokio::net::TcpStream;

use super::links;
use crate::{
    net::os::{Counters, TcpState, kernel_route_to},
    observation::{Interface, InterfaceAddress, KernelRoute, LocalNetwork, LocalRoute},
};

/// Of what there is more, a report holds the first.
const MAX_INTERFACES: usize = 64;
const MAX_ADDRESSES: usize = 16;

/// More descriptors are refused to any process (`sys/syslimits.h`).
const OPEN_MAX: u64 = 10240;

/// A connect does not end by an ICMP error here: what a probe of a path gets has not been seen yet.
pub(crate) const TRACES_PATHS: bool = false;

pub(crate) fn limit_hops(socket: &Socket, peer: IpAddr, hops: u8) -> io::Result<()> {
    match peer {
        IpAddr::V4(_) => socket.set_ttl_v4(u32::from(hops)),
        IpAddr::V6(_) => socket.set_unicast_hops_v6(u32::from(hops)),
    }
}

/// There is no such option (`IP_MINTTL`).
pub(crate) fn ignore_below(_: &Socket, _: IpAddr, _: u8) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn connect_with_data(_: &Socket, _: SocketAddr, _: &[u8]) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) const CLAMPS_SEGMENTS: bool = false;

pub(crate) fn clamp_segments(_: &Socket, _: u16) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Reads `TCP_CONNECTION_INFO` (tcp(4)).
#[allow(unsafe_code)] // no safe wrapper exists in the crates we use
pub(crate) fn tcp_state(stream: &TcpStream) -> Option<TcpState> {
    let mut info = std::mem::MaybeUninit::<libc::tcp_connection_info>::zeroed();
    let mut length = libc::socklen_t::try_from(size_of::<libc::tcp_connection_info>()).ok()?;
    // SAFETY: the kernel writes at most `length` bytes, the size of `info`; every bit pattern is a valid one, zeroes
    // too.
    let info = unsafe {
        let failed = libc::getsockopt(
            stream.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_CONNECTION_INFO,
            info.as_mut_ptr().cast(),
            &raw mut length,
        );
        if failed != 0 {
            return None;
        }
        info.assume_init()
    };
    let segment = info.tcpi_maxseg;
    Some(TcpState {
        // The last field, `tcpi_txretransmitpackets` in Apple's header, which the crate names otherwise.
        retransmits: u32::try_from(info.tcpi_rxretransmitpackets).unwrap_or(u32::MAX),
        // Bytes that wait in the buffer until they are acknowledged.
        unacknowledged: info.tcpi_snd_sbbytes.div_ceil(segment.max(1)),
        segment,
    })
}

pub(crate) fn on_link(address: IpAddr) -> Option<bool> {
    let holds = |row: Row| {
        let [own, mask, far_end] = [&row.address, &row.netmask, &row.destination].map(|one| one.as_ref().and_then(ip));
        own.is_some_and(|own| links::holds(own, mask, far_end, address))
    };
    Some(getifaddrs().ok()?.any(holds))
}

pub(crate) fn own_addresses() -> Vec<IpAddr> {
    getifaddrs().into_iter().flatten().filter_map(|row| ip(&row.address?)).collect()
}

fn ip(address: &SockaddrStorage) -> Option<IpAddr> {
    let v4 = address.as_sockaddr_in().map(|v4| IpAddr::V4(v4.ip()));
    v4.or_else(|| address.as_sockaddr_in6().map(|v6| IpAddr::V6(v6.ip())))
}

pub(crate) fn counters() -> Option<Counters> {
    None
}

pub(crate) fn port_range() -> Option<(u16, u16)> {
    None
}

pub(crate) fn connections_to(_: SocketAddr) -> Option<u64> {
    None
}

pub(crate) fn gateway() -> Option<IpAddr> {
    None
}

pub(crate) fn host_name() -> Option<String> {
    nix::unistd::gethostname().ok()?.into_string().ok()
}

/// The number by which the kernel knows a network interface.
pub(crate) fn interface_index(name: &str) -> Option<u32> {
    nix::net::if_::if_nametoindex(name).ok()
}

/// The number of file descriptors that this process may have, raised as far as it may raise it itself. The hard limit
/// reads as infinite, and the kernel takes no more than `OPEN_MAX` of it (setrlimit(2)).
pub(crate) fn raise_descriptors() -> Option<u64> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).ok()?;
    let wanted = hard.min(OPEN_MAX);
    let raised = soft < wanted && setrlimit(Resource::RLIMIT_NOFILE, wanted, hard).is_ok();
    Some(if raised { wanted } else { soft })
}

/// Its links, and by which of them the addresses are reached: that which has the source address. Default routes are not
/// known.
pub(crate) fn local_network(hub: &[IpAddr], resolvers: &[IpAddr]) -> LocalNetwork {
    let interfaces = interfaces();
    let by_source = |way: KernelRoute| match way {
        KernelRoute::Found { source, gateway, neighbour, .. } => {
            let has_it = |one: &&Interface| one.addresses.iter().any(|own| own.address == source);
            let interface = interfaces.iter().flatten().find(has_it).map(|one| one.name.clone());
            KernelRoute::Found { source, interface, gateway, neighbour }
        }
        other => other,
    };
    let routes = |addresses: &[IpAddr]| {
        let addresses = addresses.iter().filter(|address| !address.is_loopback());
        addresses.map(|address| LocalRoute { to: *address, way: by_source(kernel_route_to(*address)) }).collect()
    };
    LocalNetwork {
        hub: routes(hub),
        resolvers: routes(resolvers),
        interfaces,
        default_routes: None,
        resolves_itself: resolvers.iter().any(IpAddr::is_loopback),
        gateway_unanswered_ms: None,
        container: Vec::new(),
        named_in_hosts: Vec::new(),
        tracked_connections: None,
    }
}

/// All but loopback. A row is an address of an interface, or stands for the interface itself.
fn interfaces() -> Option<Vec<Interface>> {
    let mut interfaces: Vec<Interface> = Vec::new();
    for row in getifaddrs().ok()?.filter(|row| !row.flags.contains(InterfaceFlags::IFF_LOOPBACK)) {
        let known = interfaces.iter().position(|one| one.name == row.interface_name);
        let at = match known {
            Some(at) => at,
            None if interfaces.len() < MAX_INTERFACES => {
                interfaces.push(Interface {
                    kind: links::kind(&row.interface_name).to_owned(),
                    enabled: row.flags.contains(InterfaceFlags::IFF_UP),
                    running: row.flags.contains(InterfaceFlags::IFF_RUNNING),
                    name: row.interface_name.clone(),
                    master: None,
                    addresses: Vec::new(),
                    reverse_path_filter: None,
                });
                interfaces.len() - 1
            }
            None => continue,
        };
        let mask = row.netmask.as_ref().and_then(ip);
        let own = row.address.as_ref().and_then(ip).filter(|_| interfaces[at].addresses.len() < MAX_ADDRESSES);
        interfaces[at].addresses.extend(own.map(|address| InterfaceAddress {
            address,
            prefix: mask.map_or(if address.is_ipv6() { 128 } else { 32 }, links::prefix),
            usable: true,
        }));
    }
    Some(interfaces)
}
