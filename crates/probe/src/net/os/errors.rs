//! Errors of `connect` and `socket` for which the standard library has no portable kind.

use std::io;

/// A non-blocking connect that has begun.
pub(crate) fn is_under_way(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock || is_one_of(error, codes::IN_PROGRESS)
}

/// No file descriptor or buffer is left.
pub(crate) fn is_fd_exhausted(error: &io::Error) -> bool {
    is_one_of(error, codes::NO_DESCRIPTORS)
}

/// The kernel knows nothing of this address family, as one without IPv6.
pub(crate) fn lacks_family(error: &io::Error) -> bool {
    is_one_of(error, codes::NO_FAMILY)
}

/// A route of this machine forbids it, if the system distinguishes that from a missing route.
pub(crate) fn a_route_forbids(error: &io::Error) -> bool {
    is_one_of(error, codes::FORBIDDEN_BY_A_ROUTE)
}

/// What an ICMPv6 prohibition of somebody on the way reads like, once a connect is under way. This machine's own rules are told
/// at once.
pub(crate) fn is_from_the_network(error: &io::Error) -> bool {
    is_one_of(error, codes::PROHIBITED_ON_THE_WAY)
}

fn is_one_of(error: &io::Error, codes: &[i32]) -> bool {
    error.raw_os_error().is_some_and(|code| codes.contains(&code))
}

#[cfg(unix)]
mod codes {
    pub(crate) const IN_PROGRESS: &[i32] = &[libc::EINPROGRESS];
    pub(crate) const NO_DESCRIPTORS: &[i32] = &[libc::EMFILE, libc::ENFILE, libc::ENOBUFS];
    pub(crate) const NO_FAMILY: &[i32] = &[libc::EAFNOSUPPORT];
    pub(crate) const PROHIBITED_ON_THE_WAY: &[i32] = &[libc::EACCES, libc::EPERM];
    /// `ip route add unreachable`; other systems say so at once of a neighbour that did not answer.
    #[cfg(target_os = "linux")]
    pub(crate) const FORBIDDEN_BY_A_ROUTE: &[i32] = &[libc::EHOSTUNREACH];
    #[cfg(not(target_os = "linux"))]
    pub(crate) const FORBIDDEN_BY_A_ROUTE: &[i32] = &[];
}

/// Windows: a connect under way is `WSAEWOULDBLOCK`, which has a kind.
#[cfg(not(unix))]
mod codes {
    pub(crate) const IN_PROGRESS: &[i32] = &[];
    /// `WSAEMFILE`, `WSAENOBUFS`.
    pub(crate) const NO_DESCRIPTORS: &[i32] = &[10024, 10055];
    /// `WSAEAFNOSUPPORT`.
    pub(crate) const NO_FAMILY: &[i32] = &[10047];
    pub(crate) const PROHIBITED_ON_THE_WAY: &[i32] = &[];
    pub(crate) const FORBIDDEN_BY_A_ROUTE: &[i32] = &[];
}
