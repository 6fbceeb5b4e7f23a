//! What an ICMP error quotes of the packet that it is about (RFC 792, RFC 4443).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An error, and the packet of ours that it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quoting {
    pub(super) icmp_type: u8,
    pub(super) code: u8,
    /// Where the packet went.
    pub(super) to: IpAddr,
    /// The port of this machine that it came from.
    pub(super) from_port: u16,
}

/// Destination unreachable, time exceeded, parameter problem.
const ERRORS: [u8; 3] = [3, 11, 12];
/// Destination unreachable, packet too big, time exceeded, parameter problem.
const ERRORS_V6: [u8; 4] = [1, 2, 3, 4];
/// Protocols whose headers begin with the two ports.
const WITH_PORTS: [u8; 2] = [6, 17];
const ICMP_HEADER: usize = 8;

/// Reads an ICMP message, with the IPv4 header before it or without: systems differ.
pub(super) fn read(message: &[u8]) -> Option<Quoting> {
    let message = if message.first()? >> 4 == 4 { message.get(header_length(message)?..)? } else { message };
    let [icmp_type, code, ..] = *message else { return None };
    let quoted = message.get(ICMP_HEADER..).filter(|_| ERRORS.contains(&icmp_type))?;
    let protocol = *quoted.get(9)?;
    let to: [u8; 4] = quoted.get(16..20)?.try_into().ok()?;
    let from_port = port(quoted.get(header_length(quoted)?..)?)?;
    let quoting = Quoting { icmp_type, code, to: Ipv4Addr::from(to).into(), from_port };
    WITH_PORTS.contains(&protocol).then_some(quoting)
}

/// Reads an ICMPv6 message. Packets of ours have no extension headers.
pub(super) fn read_v6(message: &[u8]) -> Option<Quoting> {
    let [icmp_type, code, ..] = *message else { return None };
    let quoted = message.get(ICMP_HEADER..).filter(|_| ERRORS_V6.contains(&icmp_type))?;
    let protocol = *quoted.get(6)?;
    let to: [u8; 16] = quoted.get(24..40)?.try_into().ok()?;
    let from_port = port(quoted.get(40..)?)?;
    let quoting = Quoting { icmp_type, code, to: Ipv6Addr::from(to).into(), from_port };
    WITH_PORTS.contains(&protocol).then_some(quoting)
}

fn header_length(packet: &[u8]) -> Option<usize> {
    let length = usize::from(packet.first()? & 0x0f) * 4;
    (length >= 20).then_some(length)
}

fn port(header: &[u8]) -> Option<u16> {
    header.first_chunk().map(|bytes| u16::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn quoted_v4() -> Vec<u8> {
        let header = [0x45, 0, 0, 64, 0, 0, 0x40, 0, 1, 6, 0, 0, 10, 77, 1, 2, 10, 77, 4, 2];
        [&header[..], &[0xc0, 0x01, 0x22, 0xb3, 0, 0, 0, 0]].concat()
    }

    #[test]
    fn an_error_names_the_packet_that_it_is_about() {
        let expected = Quoting { icmp_type: 11, code: 0, to: IpAddr::from([10, 77, 4, 2]), from_port: 49153 };
        let message = [&[11, 0, 0, 0, 0, 0, 0, 0][..], &quoted_v4()].concat();
        assert_eq!(read(&message), Some(expected));
        let header = [0x45, 0, 0, 56, 0, 0, 0, 0, 64, 1, 0, 0, 10, 77, 2, 1, 10, 77, 1, 2];
        assert_eq!(read(&[&header[..], &message].concat()), Some(expected), "with the header before it");
        let prohibited = [&[3, 13, 0, 0, 0, 0, 0, 0][..], &quoted_v4()].concat();
        assert_eq!(read(&prohibited).map(|error| (error.icmp_type, error.code)), Some((3, 13)));
    }

    #[test]
    fn icmpv6_quotes_a_header_of_forty_bytes() {
        let to: Ipv6Addr = "fd77:4::2".parse().expect("an address");
        let mut quoted = vec![0x60, 0, 0, 0, 0, 20, 6, 1];
        quoted.extend([0; 16]);
        quoted.extend(to.octets());
        quoted.extend([0xc0, 0x01, 0x22, 0xb3]);
        let message = [&[1, 1, 0, 0, 0, 0, 0, 0][..], &quoted].concat();
        assert_eq!(read_v6(&message), Some(Quoting { icmp_type: 1, code: 1, to: to.into(), from_port: 49153 }));
    }

    #[test]
    fn echoes_and_cut_messages_are_none() {
        let echo = [&[0, 0, 0, 0, 0, 0, 0, 0][..], &quoted_v4()].concat();
        assert_eq!(read(&echo), None);
        let message = [&[3, 13, 0, 0, 0, 0, 0, 0][..], &quoted_v4()].concat();
        for length in 0..ICMP_HEADER + 22 {
            assert_eq!(read(&message[..length]), None, "{length}");
        }
        let mut icmp_in_icmp = message;
        icmp_in_icmp[ICMP_HEADER + 9] = 1;
        assert_eq!(read(&icmp_in_icmp), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
            let _ = (read(&bytes), read_v6(&bytes));
        }
    }
}
