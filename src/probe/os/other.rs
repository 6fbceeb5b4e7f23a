//! Systems whose sockets have no error queue: what cannot be told is `None`.

use std::net::IpAddr;

use socket2::Socket;
use tokio::net::TcpStream;

use super::{IcmpError, TcpState};

pub(in crate::probe) fn hear_icmp(_: &Socket, _: IpAddr) -> bool {
    false
}

pub(in crate::probe) fn stop_hearing_icmp(_: &TcpStream, _: IpAddr) {}

pub(in crate::probe) fn icmp_error(_: &TcpStream) -> Option<IcmpError> {
    None
}

pub(in crate::probe) fn tcp_state(_: &TcpStream) -> Option<TcpState> {
    None
}

pub(in crate::probe) fn gateway() -> Option<IpAddr> {
    None
}

pub(in crate::probe) fn host_name() -> Option<String> {
    ["HOSTNAME", "COMPUTERNAME"].into_iter().find_map(|name| std::env::var(name).ok())
}
