//! Systems whose sockets have no error queue: what cannot be told is `None`.

use std::{
    io,
    net::{IpAddr, SocketAddr},
};

use socket2::Socket;
use tokio::net::TcpStream;

use super::{Counters, IcmpError, TcpState, kernel_route_to, network::local_network_by};
use crate::observation::LocalNetwork;

/// Of an established connection no ICMP error is told, or none was seen yet.
pub(crate) const TRACES_PATHS: bool = false;

pub(crate) fn enable_recverr(_: &Socket, _: IpAddr) -> bool {
    false
}

pub(crate) fn stop_hearing_icmp(_: &TcpStream, _: IpAddr) {}

pub(crate) fn icmp_error<T>(_: &T) -> Option<IcmpError> {
    None
}

pub(crate) const CLAMPS_SEGMENTS: bool = false;

pub(crate) fn clamp_segments(_: &Socket, _: u16) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn tcp_state(_: &TcpStream) -> Option<TcpState> {
    None
}

pub(crate) fn ignore_below(_: &Socket, _: IpAddr, _: u8) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn connect_with_data(_: &Socket, _: SocketAddr, _: &[u8]) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn on_link(_: IpAddr) -> Option<bool> {
    None
}

pub(crate) fn own_addresses() -> Vec<IpAddr> {
    Vec::new()
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
    ["HOSTNAME", "COMPUTERNAME"].into_iter().find_map(|name| std::env::var(name).ok())
}

pub(crate) fn raise_descriptors() -> Option<u64> {
    None
}

pub(crate) fn interface_index(_: &str) -> Option<u32> {
    None
}

/// The ways to the addresses, which every system tells; nothing of its links.
pub(crate) fn local_network(hub: &[IpAddr], resolvers: &[IpAddr]) -> LocalNetwork {
    local_network_by(hub, resolvers, kernel_route_to)
}
