//! What a ServerHello chooses. A HelloRetryRequest is one too (RFC 8446, section 4.1.4).

use super::record::{HANDSHAKE, KEY_SHARE, Reader, SUPPORTED_VERSIONS, TLS_1_2, TLS_1_3};
use crate::wire::Parsed;

const SERVER_HELLO: u8 = 2;

/// Longer than any: a session of 32 bytes, and a few extensions. A post-quantum key share is 1.2 kB.
const MAX_LEN: usize = 4096;

/// How the random of a peer ends that would have taken a newer version than it was offered, and then 1 for TLS 1.3 or 0 for
/// TLS 1.2 (RFC 8446, section 4.1.3).
const MARK: &[u8] = b"DOWNGRD";

/// What the peer chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerHello {
    /// On the wire: 0x0303 is TLS 1.2.
    pub version: u16,
    /// On the wire.
    pub suite: u16,
    /// The group of the key exchange, where it is told here.
    pub group: Option<u16>,
    /// The version, as on the wire, that the peer would rather have taken: its mark says that it was not offered.
    pub would_take: Option<u16>,
}

/// Reads one from the start of what a peer sent.
pub fn server_hello(flight: &[u8]) -> Parsed<ServerHello> {
    let (message, is_complete) = match message(flight) {
        Some(message) => message,
        None => return Parsed::Mismatch,
    };
    if message.first().is_some_and(|kind| *kind != SERVER_HELLO) {
        return Parsed::Mismatch;
    }
    let Some(([_, length @ ..], rest)) = message.split_first_chunk::<4>() else {
        return if is_complete { Parsed::Mismatch } else { Parsed::Incomplete };
    };
    let length = length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
    match rest.get(..length) {
        Some(body) => read(body).map_or(Parsed::Mismatch, Parsed::Done),
        None if is_complete || length > MAX_LEN => Parsed::Mismatch,
        None => Parsed::Incomplete,
    }
}

/// What the handshake records at the start hold together, and whether something else follows them.
fn message(flight: &[u8]) -> Option<(Vec<u8>, bool)> {
    let (mut held, mut rest) = (Vec::new(), flight);
    loop {
        match rest {
            [] => return Some((held, false)),
            [HANDSHAKE] => return Some((held, false)),
            [HANDSHAKE, 3, ..] => {}
            _ if held.is_empty() => return None,
            _ => return Some((held, true)),
        }
        let Some(([_, _, _, length @ ..], content)) = rest.split_first_chunk::<5>() else { return Some((held, false)) };
        let length = usize::from(u16::from_be_bytes(*length));
        held.extend(content.iter().take(length));
        match content.get(length..) {
            Some(behind) if held.len() <= MAX_LEN => rest = behind,
            _ => return Some((held, false)),
        }
    }
}

fn read(body: &[u8]) -> Option<ServerHello> {
    let mut body = Reader(body);
    let mut version = body.number()?;
    let random = body.take(32)?;
    let session = usize::from(body.take(1)?[0]);
    body.take(session)?;
    let suite = body.number()?;
    // Compression.
    body.take(1)?;
    let mut group = None;
    // Before TLS 1.2 there need be none.
    if !body.0.is_empty() {
        let length = usize::from(body.number()?);
        let mut extensions = Reader(body.take(length)?);
        while !extensions.0.is_empty() {
            let (kind, length) = (extensions.number()?, usize::from(extensions.number()?));
            let mut content = Reader(extensions.take(length)?);
            match kind {
                SUPPORTED_VERSIONS => version = content.number()?,
                KEY_SHARE => group = Some(content.number()?),
                _ => {}
            }
        }
    }
    let would_take = match random[24..].strip_prefix(MARK) {
        Some([1]) => Some(TLS_1_3),
        Some([0]) => Some(TLS_1_2),
        _ => None,
    };
    Some(ServerHello { version, suite, group, would_take: would_take.filter(|newer| *newer > version) })
}

/// `TLS 1.2`; `None` for what never was one.
pub fn version_name(version: u16) -> Option<&'static str> {
    Some(match version {
        0x0300 => "SSL 3.0",
        0x0301 => "TLS 1.0",
        0x0302 => "TLS 1.1",
        TLS_1_2 => "TLS 1.2",
        TLS_1_3 => "TLS 1.3",
        _ => return None,
    })
}

/// A group by its name in IANA's registry, else by its number.
pub fn group_name(group: u16) -> String {
    let name = match group {
        22 => "secp256k1",
        23 => "secp256r1",
        24 => "secp384r1",
        25 => "secp521r1",
        26 => "brainpoolP256r1",
        27 => "brainpoolP384r1",
        28 => "brainpoolP512r1",
        29 => "x25519",
        30 => "x448",
        31 => "brainpoolP256r1tls13",
        32 => "brainpoolP384r1tls13",
        33 => "brainpoolP512r1tls13",
        256 => "ffdhe2048",
        257 => "ffdhe3072",
        258 => "ffdhe4096",
        other => return format!("0x{other:04X}"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ServerHello of this version and suite, whose random ends so, cut into records of `size` bytes.
    fn flight(version: u16, suite: u16, end: &[u8; 8], extensions: &[u8], size: usize) -> Vec<u8> {
        let mut body = version.to_be_bytes().to_vec();
        body.extend([7; 24]);
        body.extend(end);
        body.extend([0]);
        body.extend(suite.to_be_bytes());
        body.push(0);
        if !extensions.is_empty() {
            body.extend((extensions.len() as u16).to_be_bytes());
            body.extend(extensions);
        }
        let mut message = vec![SERVER_HELLO, 0];
        message.extend((body.len() as u16).to_be_bytes());
        message.extend(body);
        let mut flight = Vec::new();
        for part in message.chunks(size) {
            flight.extend([HANDSHAKE, 3, 3]);
            flight.extend((part.len() as u16).to_be_bytes());
            flight.extend(part);
        }
        flight
    }

    #[test]
    fn version_suite_and_group_are_read_however_it_is_cut() {
        let tls_1_3 = [0, 43, 0, 2, 3, 4, 0, 51, 0, 2, 0, 25];
        for size in [1, 10, 200] {
            let read = server_hello(&flight(0x0303, 0x1301, &[0; 8], &tls_1_3, size));
            let expected = ServerHello { version: 0x0304, suite: 0x1301, group: Some(25), would_take: None };
            assert_eq!(read, Parsed::Done(expected));
        }
        let old = flight(0x0301, 0x0035, &[0; 8], &[], 200);
        let expected = ServerHello { version: 0x0301, suite: 0x0035, group: None, would_take: None };
        assert_eq!(server_hello(&old), Parsed::Done(expected));
        for length in 0..old.len() {
            assert_eq!(server_hello(&old[..length]), Parsed::Incomplete, "{length}");
        }
    }

    #[test]
    fn the_mark_says_what_the_peer_would_rather_take() {
        let would_take = |version, end: &[u8; 8]| match server_hello(&flight(version, 0xc030, end, &[], 200)) {
            Parsed::Done(hello) => hello.would_take,
            other => panic!("{other:?}"),
        };
        assert_eq!(would_take(0x0303, b"DOWNGRD\x01"), Some(0x0304));
        assert_eq!(would_take(0x0302, b"DOWNGRD\x00"), Some(0x0303));
        assert_eq!(would_take(0x0301, b"DOWNGRD\x01"), Some(0x0304));
        assert_eq!(would_take(0x0303, b"DOWNGRD\x00"), None, "it took that one");
        assert_eq!(would_take(0x0303, b"DOWNGRD\x02"), None);
        assert_eq!(would_take(0x0303, b"\0DOWNGRD"), None);
    }

    #[test]
    fn what_is_none_is_none() {
        for bytes in [&b"HTTP/1.1 400"[..], &[21, 3, 3, 0, 2, 2, 40], &[22, 3, 3, 0, 4, 1, 0, 0, 0]] {
            assert_eq!(server_hello(bytes), Parsed::Mismatch, "{bytes:?}");
        }
        // A length beyond all reason is not waited for, nor are records without end.
        assert_eq!(server_hello(&[22, 3, 3, 0, 4, 2, 255, 255, 255]), Parsed::Mismatch);
        assert_eq!(server_hello(&[22, 3, 3, 0, 4, 2, 0, 0, 9, 23, 3, 3, 0, 0]), Parsed::Mismatch);
    }
}
