//! What Linux and macOS tell by the same calls: links and addresses, the machine's name, limits, the state of a connection.

use std::{mem::MaybeUninit, net::IpAddr, os::fd::AsRawFd};

use nix::{
    ifaddrs::{InterfaceAddress, getifaddrs},
    sys::{
        resource::{Resource, getrlimit, setrlimit},
        socket::SockaddrStorage,
    },
};
use tokio::net::TcpStream;

/// Whether `address` is in a network of one of this machine's interfaces, or its own.
pub(crate) fn on_link(address: IpAddr) -> Option<bool> {
    let is_there = |row: InterfaceAddress| {
        let [own, mask, far_end] = [&row.address, &row.netmask, &row.destination].map(|one| one.as_ref().and_then(ip));
        own.is_some_and(|own| holds(own, mask, far_end, address))
    };
    Some(getifaddrs().ok()?.any(is_there))
}

/// The addresses of this machine's interfaces.
pub(crate) fn own_addresses() -> Vec<IpAddr> {
    getifaddrs().into_iter().flatten().filter_map(|interface| ip(&interface.address?)).collect()
}

/// Whether `own`, with this mask, or the far end of its link, is or holds `address`. The far end of a point-to-point link stands
/// apart from its own network.
fn holds(own: IpAddr, mask: Option<IpAddr>, far_end: Option<IpAddr>, address: IpAddr) -> bool {
    if own == address || far_end == Some(address) {
        return true;
    }
    match (own, mask, address) {
        (IpAddr::V4(own), Some(IpAddr::V4(mask)), IpAddr::V4(address)) => own & mask == address & mask,
        (IpAddr::V6(own), Some(IpAddr::V6(mask)), IpAddr::V6(address)) => own & mask == address & mask,
        _ => false,
    }
}

pub(super) fn ip(address: &SockaddrStorage) -> Option<IpAddr> {
    let v4 = address.as_sockaddr_in().map(|v4| IpAddr::V4(v4.ip()));
    v4.or_else(|| address.as_sockaddr_in6().map(|v6| IpAddr::V6(v6.ip())))
}

pub(crate) fn host_name() -> Option<String> {
    nix::unistd::gethostname().ok()?.into_string().ok()
}

/// The number by which the kernel knows a network interface.
pub(crate) fn interface_index(name: &str) -> Option<u32> {
    nix::net::if_::if_nametoindex(name).ok()
}

/// The number of file descriptors that this process may have, raised as far as it may raise it itself, and to no more than
/// `most`.
pub(super) fn raise_descriptors_to(most: u64) -> Option<u64> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).ok()?;
    let wanted = hard.min(most);
    let raised = soft < wanted && setrlimit(Resource::RLIMIT_NOFILE, wanted, hard).is_ok();
    Some(if raised { wanted } else { soft })
}

/// What the kernel tells of a connection by an option of TCP.
///
/// # Safety
/// `T` is a structure of numbers alone: every bit pattern is a valid one, the zeroes of an older kernel's shorter answer too.
#[allow(unsafe_code)] // no safe wrapper exists in the crates we use
pub(super) unsafe fn tcp_option<T>(stream: &TcpStream, option: libc::c_int) -> Option<T> {
    let mut info = MaybeUninit::<T>::zeroed();
    let mut length = libc::socklen_t::try_from(size_of::<T>()).ok()?;
    // SAFETY: the kernel writes at most `length` bytes, the size of `info`.
    let failed = unsafe {
        libc::getsockopt(stream.as_raw_fd(), libc::IPPROTO_TCP, option, info.as_mut_ptr().cast(), &raw mut length)
    };
    // SAFETY: whatever was written, it is valid, for which the caller vouches.
    (failed == 0).then(|| unsafe { info.assume_init() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_link_holds_its_network_and_its_far_end() {
        let mask = Some(ip("255.255.255.0"));
        assert!(holds(ip("10.0.0.7"), mask, None, ip("10.0.0.254")));
        assert!(!holds(ip("10.0.0.7"), mask, None, ip("10.0.1.254")));
        assert!(holds(ip("10.8.0.2"), None, Some(ip("10.8.0.1")), ip("10.8.0.1")));
        assert!(!holds(ip("10.0.0.7"), mask, None, ip("fe80::1")));
    }
}
