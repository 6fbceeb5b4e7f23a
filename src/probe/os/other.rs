//! Systems whose sockets have no error queue: what cannot be told is `None`.

use std::{io, net::IpAddr};

use socket2::Socket;
use tokio::net::TcpStream;

use super::{Counters, IcmpError, TcpState};

pub(crate) const TRACES_PATHS: bool = false;

pub(crate) fn hear_icmp(_: &Socket, _: IpAddr) -> bool {
    false
}

pub(crate) fn stop_hearing_icmp(_: &TcpStream, _: IpAddr) {}

pub(crate) fn icmp_error(_: &TcpStream) -> Option<IcmpError> {
    None
}

pub(crate) const CLAMPS_SEGMENTS: bool = false;

pub(crate) fn clamp_segments(_: &Socket, _: u16) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn tcp_state(_: &TcpStream) -> Option<TcpState> {
    None
}

pub(crate) fn limit_hops(_: &Socket, _: IpAddr, _: u8) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn ignore_below(_: &Socket, _: IpAddr, _: u8) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn on_link(_: IpAddr) -> Option<bool> {
    None
}

pub(crate) fn counters() -> Option<Counters> {
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
