//! What a socket is asked: for the ICMP error that ended its connect, for the state of its connection, for a single SYN.

use std::{io, net::IpAddr, os::windows::io::AsRawSocket, ptr, sync::OnceLock};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpStream;
use windows_sys::Win32::Networking::WinSock::{
    IPPROTO_TCP, SIO_TCP_INFO, SIO_TCP_INITIAL_RTO, SOCKET, TCP_FAIL_CONNECT_ON_ICMP_ERROR, TCP_ICMP_ERROR_INFO,
    WSAENOPROTOOPT, WSAIoctl, getsockopt, setsockopt,
};

use super::answers;
use crate::net::os::{IcmpError, TcpState};

/// Whether connects tell the ICMP errors that end them: Windows 10 version 2004 and later. Asked once.
pub(crate) fn hears_icmp() -> bool {
    static HEARS: OnceLock<bool> = OnceLock::new();
    *HEARS.get_or_init(|| {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP));
        socket.is_ok_and(|socket| enable_recverr(&socket, IpAddr::from([127, 0, 0, 1])))
    })
}

/// Has an ICMP error end a connect, before the connect; says whether it will, and whether it can be read then.
#[allow(unsafe_code)] // no safe wrapper exists in the crates we use
pub(crate) fn enable_recverr(socket: &Socket, _: IpAddr) -> bool {
    let on = 1_u32;
    let length = i32::try_from(size_of_val(&on)).unwrap_or_default();
    // SAFETY: the system reads `length` bytes, the size of `on`.
    let failed =
        unsafe { setsockopt(raw(socket), IPPROTO_TCP, TCP_FAIL_CONNECT_ON_ICMP_ERROR, (&raw const on).cast(), length) };
    // Before a connect there is nothing to be told; a system that does not know the question says so.
    let unknown = |error: io::Error| error.raw_os_error() == Some(WSAENOPROTOOPT);
    failed == 0 && !icmp_error_bytes(socket).is_err_and(unknown)
}

/// Only a connect hears of them.
pub(crate) fn stop_hearing_icmp(_: &TcpStream, _: IpAddr) {}

/// The ICMP error that ended a socket's connect.
pub(crate) fn icmp_error<T: AsRawSocket>(socket: &T) -> Option<IcmpError> {
    answers::icmp_error(&icmp_error_bytes(socket).ok()?)
}

/// What the system says of it, whose size is no larger.
#[allow(unsafe_code)] // no safe wrapper exists in the crates we use
fn icmp_error_bytes(socket: &impl AsRawSocket) -> io::Result<[u8; answers::ICMP_ERROR_SIZE]> {
    let mut info = [0; answers::ICMP_ERROR_SIZE];
    let mut length = i32::try_from(info.len()).unwrap_or_default();
    // SAFETY: the system writes at most `length` bytes, the size of `info`.
    let failed =
        unsafe { getsockopt(raw(socket), IPPROTO_TCP, TCP_ICMP_ERROR_INFO, info.as_mut_ptr().cast(), &raw mut length) };
    if failed == 0 { Ok(info) } else { Err(io::Error::last_os_error()) }
}

/// Asks `SIO_TCP_INFO`: Windows 10 version 1703 and later.
pub(crate) fn tcp_state(stream: &TcpStream) -> Option<TcpState> {
    let (version, mut info) = (0_u32.to_ne_bytes(), [0; answers::TCP_INFO_SIZE]);
    let length = control(stream, SIO_TCP_INFO, &version, &mut info).ok()?;
    answers::tcp_state(info.get(..length)?)
}

/// `TCP_INITIAL_RTO_PARAMETERS`: the round trip as the system assumes it (0), no SYN sent again (254).
const ONE_SYN: [u8; 4] = [0, 0, 254, 0];

/// Has a connect send one SYN and no more; says whether it will (Windows 10 version 1709 and later). Else the system answers a
/// RST by two or three more SYNs, half a second apart.
pub(crate) fn send_one_syn(socket: &Socket) -> bool {
    control(socket, SIO_TCP_INITIAL_RTO, &ONE_SYN, &mut []).is_ok()
}

/// How many bytes of `output` were written.
#[allow(unsafe_code)] // no safe wrapper exists in the crates we use
fn control(socket: &impl AsRawSocket, code: u32, input: &[u8], output: &mut [u8]) -> io::Result<usize> {
    let too_long = |_| io::Error::from(io::ErrorKind::InvalidInput);
    let (given, room) = (u32::try_from(input.len()).map_err(too_long)?, u32::try_from(output.len()).map_err(too_long)?);
    let mut written = 0;
    // SAFETY: the system reads and writes no more than the sizes of both, at once: without an OVERLAPPED the call waits.
    let failed = unsafe {
        WSAIoctl(
            raw(socket),
            code,
            input.as_ptr().cast(),
            given,
            output.as_mut_ptr().cast(),
            room,
            &raw mut written,
            ptr::null_mut(),
            None,
        )
    };
    if failed == 0 { Ok(written as usize) } else { Err(io::Error::last_os_error()) }
}

/// On 64 bits, too, a socket's number fits.
fn raw(socket: &impl AsRawSocket) -> SOCKET {
    SOCKET::try_from(socket.as_raw_socket()).unwrap_or(SOCKET::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_says_what_it_can_tell() {
        // What it says depends on the system's version; asking must leave the socket as it was.
        let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP)).expect("a socket");
        assert_eq!(enable_recverr(&socket, IpAddr::from([127, 0, 0, 1])), hears_icmp());
        assert_eq!(icmp_error(&socket), None);
        send_one_syn(&socket);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a listener");
        socket.connect(&listener.local_addr().expect("an address").into()).expect("connected");
    }
}
