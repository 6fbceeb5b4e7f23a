//! What the kernel tells of connections, links and limits.

use std::net::IpAddr;

use nix::{ifaddrs::getifaddrs, net::if_::InterfaceFlags};
use tokio::net::TcpStream;

use super::links;
use crate::{
    net::os::{
        TcpState, kernel_route_to,
        network::{MAX_ADDRESSES, MAX_INTERFACES, local_network_by},
        unix::{self, ip},
    },
    observation::{Interface, InterfaceAddress, KernelRoute, LocalNetwork},
};

/// More descriptors are refused to any process (`sys/syslimits.h`).
const OPEN_MAX: u64 = 10240;

/// Reads `TCP_CONNECTION_INFO` (tcp(4)).
#[allow(unsafe_code)] // no safe wrapper exists in the crates we use
pub(crate) fn tcp_state(stream: &TcpStream) -> Option<TcpState> {
    // SAFETY: it is a structure of numbers.
    let info: libc::tcp_connection_info = unsafe { unix::tcp_option(stream, libc::TCP_CONNECTION_INFO) }?;
    let segment = info.tcpi_maxseg;
    Some(TcpState {
        // The last field, `tcpi_txretransmitpackets` in Apple's header, which the crate names otherwise.
        retransmits: u32::try_from(info.tcpi_rxretransmitpackets).unwrap_or(u32::MAX),
        // Bytes that wait in the buffer until they are acknowledged.
        unacknowledged: info.tcpi_snd_sbbytes.div_ceil(segment.max(1)),
        segment,
    })
}

/// The number of file descriptors that this process may have, raised as far as it may raise it itself. The hard limit
/// reads as infinite, and the kernel takes no more than `OPEN_MAX` of it (setrlimit(2)).
pub(crate) fn raise_descriptors() -> Option<u64> {
    unix::raise_descriptors_to(OPEN_MAX)
}

/// Its links, and by which of them the addresses are reached: that which has the source address. Default routes are not
/// known.
pub(crate) fn local_network(hub: &[IpAddr], resolvers: &[IpAddr]) -> LocalNetwork {
    let interfaces = interfaces();
    let by_source = |address: IpAddr| match kernel_route_to(address) {
        KernelRoute::Found { source, gateway, neighbour, .. } => {
            let has_it = |one: &&Interface| one.addresses.iter().any(|own| own.address == source);
            let interface = interfaces.iter().flatten().find(has_it).map(|one| one.name.clone());
            KernelRoute::Found { source, interface, gateway, neighbour }
        }
        other => other,
    };
    let network = local_network_by(hub, resolvers, by_source);
    LocalNetwork { interfaces, ..network }
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
