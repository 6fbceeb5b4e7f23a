//! What the system's calls give, as bytes: socket addresses, ICMP errors, the state of a connection.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::net::os::{IcmpError, TcpState};

/// `AF_INET` and `AF_INET6`.
const V4: u16 = 2;
const V6: u16 = 23;
/// `IPPROTO_ICMP` and `IPPROTO_ICMPV6`.
const ICMP: u32 = 1;
const ICMP_V6: u32 = 58;
/// `TCPSTATE_SYN_SENT`.
const SYN_SENT: u32 = 2;

/// The size of an `ICMP_ERROR_INFO`.
pub(super) const ICMP_ERROR_SIZE: usize = 36;
/// The size of a `TCP_INFO_v0`.
pub(super) const TCP_INFO_SIZE: usize = 88;

/// The address in a `SOCKADDR_IN` or `SOCKADDR_IN6`, and its scope: the interface of a link-local one, 0 for others.
pub(super) fn address(bytes: &[u8]) -> Option<(IpAddr, u32)> {
    match word_u16(bytes, 0)? {
        V4 => Some((Ipv4Addr::from(array::<4>(bytes, 4)?).into(), 0)),
        V6 => {
            let address = Ipv6Addr::from(array::<16>(bytes, 8)?);
            let scope = word(bytes, 24).unwrap_or_default();
            Some((address.into(), if address.is_unicast_link_local() { scope } else { 0 }))
        }
        _ => None,
    }
}

/// The `ICMP_ERROR_INFO` of a connect that failed; `None` if no ICMP error ended it.
pub(super) fn icmp_error(bytes: &[u8]) -> Option<IcmpError> {
    let (offender, _) = address(bytes.get(..28)?)?;
    let protocol = word(bytes, 28)?;
    let is_icmp = protocol == if offender.is_ipv6() { ICMP_V6 } else { ICMP };
    let (icmp_type, code) = (*bytes.get(32)?, *bytes.get(33)?);
    let offender = Some(offender).filter(|address| !address.is_unspecified());
    is_icmp.then_some(IcmpError { icmp_type, code, offender })
}

/// A `TCP_INFO_v0`. Windows counts bytes where others count segments: a part of a segment counts as one.
///
/// Whether it counts SYNs while the handshake is under way was not seen: none are then not known to be none.
pub(super) fn tcp_state(bytes: &[u8]) -> Option<TcpState> {
    let (state, segment) = (word(bytes, 0)?, word(bytes, 4)?);
    let (in_flight, sent_again) = (word(bytes, 28)?, word(bytes, 68)?);
    let syns_again = u32::from(*bytes.get(84)?);
    if state == SYN_SENT && syns_again == 0 {
        return None;
    }
    let segments = |bytes: u32| bytes.div_ceil(segment.max(1));
    Some(TcpState { retransmits: syns_again + segments(sent_again), unacknowledged: segments(in_flight), segment })
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(array(bytes, at)?))
}

fn word_u16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_ne_bytes(array(bytes, at)?))
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A socket address as the system writes it.
    pub(in super::super) fn written(address: &str, scope: u32) -> Vec<u8> {
        match address.parse().expect("an address") {
            IpAddr::V4(address) => [&V4.to_ne_bytes()[..], &[0; 2], &address.octets(), &[0; 20]].concat(),
            IpAddr::V6(address) => [&V6.to_ne_bytes()[..], &[0; 6], &address.octets(), &scope.to_ne_bytes()].concat(),
        }
    }

    #[test]
    fn addresses_are_read_with_the_scope_of_a_link() {
        let read = |text, scope| address(&written(text, scope)).map(|(address, scope)| format!("{address}%{scope}"));
        assert_eq!(read("192.0.2.7", 9).as_deref(), Some("192.0.2.7%0"));
        assert_eq!(read("fe80::1", 12).as_deref(), Some("fe80::1%12"));
        assert_eq!(read("2001:db8::1", 12).as_deref(), Some("2001:db8::1%0"));
        assert_eq!(address(&[0; 28]), None, "no family");
        assert_eq!(address(&written("fe80::1", 12)[..20]), None, "cut off");
    }

    #[test]
    fn an_icmp_error_has_its_sender() {
        let info = |from, protocol: u32, kind: u8, code: u8| {
            icmp_error(&[written(from, 0), protocol.to_ne_bytes().to_vec(), vec![kind, code, 0, 0]].concat())
        };
        let offender = |text: &str| Some(text.parse().expect("an address"));
        let prohibited = IcmpError { icmp_type: 3, code: 13, offender: offender("198.51.100.1") };
        assert_eq!(info("198.51.100.1", ICMP, 3, 13), Some(prohibited));
        let exceeded = IcmpError { icmp_type: 3, code: 0, offender: offender("2001:db8::1") };
        assert_eq!(info("2001:db8::1", ICMP_V6, 3, 0), Some(exceeded));
        let nameless = IcmpError { icmp_type: 3, code: 1, offender: None };
        assert_eq!(info("0.0.0.0", ICMP, 3, 1), Some(nameless));
        assert_eq!(icmp_error(&[0; ICMP_ERROR_SIZE]), None, "a RST leaves it empty");
        assert_eq!(info("198.51.100.1", 6, 3, 1), None, "another protocol");
        assert_eq!(icmp_error(&written("198.51.100.1", 0)), None, "cut off");
    }

    #[test]
    fn bytes_are_told_as_segments() {
        let info = |state: u32, in_flight: u32, sent_again: u32, syns: u8| {
            let mut bytes = vec![0; TCP_INFO_SIZE];
            for (at, value) in [(0, state), (4, 1460), (28, in_flight), (68, sent_again)] {
                bytes[at..at + 4].copy_from_slice(&value.to_ne_bytes());
            }
            bytes[84] = syns;
            tcp_state(&bytes)
        };
        let state = |retransmits, unacknowledged| Some(TcpState { retransmits, unacknowledged, segment: 1460 });
        assert_eq!(info(4, 0, 0, 0), state(0, 0));
        assert_eq!(info(4, 1461, 517, 2), state(3, 2));
        assert_eq!(info(SYN_SENT, 0, 0, 2), state(2, 0));
        assert_eq!(info(SYN_SENT, 0, 0, 0), None, "not known to be none");
        assert_eq!(tcp_state(&[0; 60]), None, "cut off");
    }

    #[cfg(windows)]
    #[test]
    fn offsets_are_those_of_the_systems_structures() {
        use std::mem::offset_of;

        use windows_sys::Win32::Networking::WinSock::{ICMP_ERROR_INFO, SOCKADDR_IN, SOCKADDR_IN6, TCP_INFO_v0};

        assert_eq!((size_of::<ICMP_ERROR_INFO>(), size_of::<TCP_INFO_v0>()), (ICMP_ERROR_SIZE, TCP_INFO_SIZE));
        let icmp = [offset_of!(ICMP_ERROR_INFO, protocol), offset_of!(ICMP_ERROR_INFO, r#type)];
        assert_eq!((icmp, offset_of!(ICMP_ERROR_INFO, code)), ([28, 32], 33));
        let tcp = [offset_of!(TCP_INFO_v0, Mss), offset_of!(TCP_INFO_v0, BytesInFlight)];
        assert_eq!(
            (tcp, offset_of!(TCP_INFO_v0, BytesRetrans), offset_of!(TCP_INFO_v0, SynRetrans)),
            ([4, 28], 68, 84)
        );
        let addresses = [offset_of!(SOCKADDR_IN, sin_addr), offset_of!(SOCKADDR_IN6, sin6_addr)];
        assert_eq!((addresses, offset_of!(SOCKADDR_IN6, Anonymous)), ([4, 8], 24));
    }
}
