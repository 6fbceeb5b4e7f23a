//! Everything that differs between operating systems, behind one small interface with a portable fallback.

mod errors;
mod hosts;
mod local_time;
mod name_files;
// Other systems tell less.
#[cfg_attr(not(any(target_os = "linux", windows)), allow(dead_code))]
mod network;
mod proxy_settings;
mod resolv_conf;

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
};

use socket2::Socket;

use crate::observation::{KernelRoute, Rejection};
pub(crate) use errors::{a_route_forbids, is_fd_exhausted, is_from_the_network, is_under_way, lacks_family};
#[cfg(not(windows))]
pub(crate) use local_time::utc_offset_minutes;
#[cfg(fuzzing)]
pub(crate) use name_files::read_name_files;
pub(crate) use name_files::{
    hosts_file, name_services, named_in_hosts, resolver_config, server_address, servers_behind,
};

pub(crate) use proxy_settings::ask_script;
#[cfg(fuzzing)]
pub(crate) use proxy_settings::read_proxy_settings;
pub(crate) use proxy_settings::system_proxy_settings;
pub use proxy_settings::{HintedProxy, ProxyHint};

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub(crate) use linux::{
    CLAMPS_SEGMENTS, TRACES_PATHS, clamp_segments, connect_with_data, connections_to, counters, enable_recverr,
    gateway, icmp_error, ignore_below, local_network, port_range, raise_descriptors, stop_hearing_icmp, tcp_state,
};
#[cfg(all(fuzzing, target_os = "linux"))]
pub(crate) use linux::{read_kernel_bytes, read_kernel_tables};

// Its readers of bytes are tested on every system.
#[cfg(any(test, target_os = "macos"))]
#[cfg_attr(not(target_os = "macos"), allow(dead_code))]
mod macos;
#[cfg(target_os = "macos")]
pub(crate) use macos::{enable_recverr, icmp_error, local_network, raise_descriptors, stop_hearing_icmp, tcp_state};
// What macOS has nothing of its own for.
#[cfg(target_os = "macos")]
pub(crate) use other::{
    CLAMPS_SEGMENTS, TRACES_PATHS, clamp_segments, connect_with_data, connections_to, counters, gateway, ignore_below,
    port_range,
};

#[cfg(any(target_os = "linux", target_os = "macos"))]
mod unix;
#[cfg(any(target_os = "linux", target_os = "macos"))]
pub(crate) use unix::{host_name, interface_index, on_link, own_addresses};

// What reads the system's answers is tested on every system.
#[cfg(any(test, windows))]
#[cfg_attr(not(windows), allow(dead_code))]
mod windows;
#[cfg(windows)]
pub(crate) use windows::{
    enable_recverr, gateway, host_name, icmp_error, interface_index, local_network, on_link, own_addresses,
    send_one_syn, stop_hearing_icmp, tcp_state, utc_offset_minutes,
};
// What Windows has nothing of its own for.
#[cfg(windows)]
pub(crate) use other::{
    CLAMPS_SEGMENTS, TRACES_PATHS, clamp_segments, connect_with_data, connections_to, counters, ignore_below,
    port_range, raise_descriptors,
};

// Compiled for the tests of every system, so that it stays compilable.
#[cfg(any(test, not(target_os = "linux")))]
#[cfg_attr(any(target_os = "linux", target_os = "macos", windows), allow(dead_code))]
mod other;
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
pub(crate) use other::{
    CLAMPS_SEGMENTS, TRACES_PATHS, clamp_segments, connect_with_data, connections_to, counters, enable_recverr,
    gateway, host_name, icmp_error, ignore_below, interface_index, local_network, on_link, own_addresses, port_range,
    raise_descriptors, stop_hearing_icmp, tcp_state,
};

/// An ICMP or ICMPv6 error that answered a packet of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IcmpError {
    pub(crate) icmp_type: u8,
    pub(crate) code: u8,
    pub(crate) offender: Option<IpAddr>,
}

impl IcmpError {
    /// For the record, where this machine's own address on the way is `own`.
    pub(crate) fn recorded(self, own: Option<IpAddr>) -> Rejection {
        let Self { icmp_type, code, offender } = self;
        Rejection { icmp_type, code, offender, from_this_machine: offender.is_some() && offender == own }
    }
}

/// What the kernel knows of a TCP connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TcpState {
    /// Segments sent again since the connection began.
    pub(crate) retransmits: u32,
    /// Segments sent and not yet acknowledged.
    pub(crate) unacknowledged: u32,
    /// The most bytes of a segment.
    pub(crate) segment: u32,
}

/// What the kernel has counted since the network namespace began; other programs count too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counters {
    /// TCP retransmissions that failed inside this machine.
    pub(crate) retransmissions_failed: u64,
    /// IP packets handed down to be sent, where the system tells.
    pub(crate) packets_to_send: Option<u64>,
    /// IP packets that passed this machine's own filters and were sent, where the system tells.
    pub(crate) packets_sent: Option<u64>,
    /// IPv4 packets that came in by another interface than one that leads back to their sender, and were dropped for it,
    /// where the system tells.
    pub(crate) reverse_path_filtered: Option<u64>,
}

/// How many file descriptors this process may have; raises its own limit as far as the system lets it. `None` where the
/// system does not tell.
pub fn descriptors() -> Option<u64> {
    raise_descriptors()
}

/// Whether the ICMP errors that end a connect are told here, so that SYNs with few hops show a path.
pub(crate) fn traces_syns() -> bool {
    #[cfg(windows)]
    return windows::hears_icmp();
    #[cfg(not(windows))]
    TRACES_PATHS
}

/// Lets the packets of a connection take `hops` and no more.
pub(crate) fn limit_hops(socket: &Socket, peer: IpAddr, hops: u8) -> io::Result<()> {
    match peer {
        IpAddr::V4(_) => socket.set_ttl_v4(u32::from(hops)),
        IpAddr::V6(_) => socket.set_unicast_hops_v6(u32::from(hops)),
    }
}

/// Has a connect send one SYN and no more, if this system answers a RST by further SYNs; says whether it will.
#[cfg(not(windows))]
pub(crate) fn send_one_syn(_: &Socket) -> bool {
    false
}

/// The discard service's (RFC 863); nothing is sent to it.
const ANY_PORT: u16 = 9;

/// Where packets to an address go, by connecting a datagram socket, which sends nothing.
fn kernel_route_to(address: IpAddr) -> KernelRoute {
    match source_towards(address) {
        Ok(source) => KernelRoute::Found { source, interface: None, gateway: None, neighbour: None },
        Err(error) => match error.kind() {
            _ if a_route_forbids(&error) => KernelRoute::Refused { errno: error.to_string() },
            // Where not even a datagram gets a port, nothing is known of routes.
            io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied | io::ErrorKind::InvalidInput => {
                KernelRoute::Refused { errno: error.to_string() }
            }
            _ => KernelRoute::NoRoute,
        },
    }
}

/// The address of its own from which this machine would send to `address`.
pub(crate) fn source_towards(address: IpAddr) -> io::Result<IpAddr> {
    let any: IpAddr = if address.is_ipv6() { Ipv6Addr::UNSPECIFIED.into() } else { Ipv4Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0))?;
    socket.connect(SocketAddr::new(address, ANY_PORT))?;
    Ok(socket.local_addr()?.ip())
}

#[cfg(test)]
#[cfg(any(target_os = "linux", target_os = "macos", windows))]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_on_a_link_and_a_documentation_address_is_not() {
        assert_eq!(on_link(IpAddr::from([127, 0, 0, 1])), Some(true));
        assert_eq!(on_link(IpAddr::from([203, 0, 113, 1])), Some(false));
        assert!(own_addresses().contains(&IpAddr::from([127, 0, 0, 1])));
    }
}
