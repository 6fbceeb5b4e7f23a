//! Windows: a failed connect names the ICMP error and its sender on Windows 10 version 2004 and later, `SIO_TCP_INFO` the
//! retransmissions; IP Helper tells adapters, routes and neighbours. No privilege is needed. What reads the system's answers is
//! apart from what asks for them, and is tested on every system.

mod adapters;
mod answers;

#[cfg(windows)]
mod ip_helper;
#[cfg(windows)]
mod local_network;
#[cfg(windows)]
mod machine;
#[cfg(windows)]
mod sockets;
#[cfg(windows)]
mod wide;
#[cfg(windows)]
mod winhttp;

#[cfg(windows)]
pub(crate) use self::{
    local_network::{gateway, interface_index, local_network, on_link, own_addresses},
    machine::{host_name, resolver_config, utc_offset_minutes},
    sockets::{enable_recverr, hears_icmp, icmp_error, send_one_syn, stop_hearing_icmp, tcp_state},
    winhttp::{ask_script, internet_settings},
};
