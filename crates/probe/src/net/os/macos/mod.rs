//! macOS: ICMP errors by a datagram socket beside the connections, and what the kernel tells any user of links and
//! connections.
//!
//! Readers are pure functions over bytes, tested on every system. The rest was not yet seen on a real macOS.

mod icmp;
mod links;
#[cfg(target_os = "macos")]
mod listener;
#[cfg(target_os = "macos")]
mod system;

#[cfg(target_os = "macos")]
pub(crate) use {
    listener::{enable_recverr, icmp_error, stop_hearing_icmp},
    system::{local_network, raise_descriptors, tcp_state},
};
