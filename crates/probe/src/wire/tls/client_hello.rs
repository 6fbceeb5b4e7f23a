//! A ClientHello that offers all that is or was in common use.

use super::{
    record::{HANDSHAKE, KEY_SHARE, SUPPORTED_VERSIONS, TLS_1_2, TLS_1_3},
    suites,
};

pub(super) const CLIENT_HELLO: u8 = 1;

const SERVER_NAME: u16 = 0;
const SUPPORTED_GROUPS: u16 = 10;
const EC_POINT_FORMATS: u16 = 11;
const SIGNATURE_ALGORITHMS: u16 = 13;
const PADDING: u16 = 21;
const EXTENDED_MASTER_SECRET: u16 = 23;
const RENEGOTIATION_INFO: u16 = 0xff01;

/// x25519, P-256, P-384, P-521, x448, secp256k1, and the three Brainpool curves of RFC 7027.
const CURVES: [u16; 9] = [29, 23, 24, 25, 30, 22, 26, 27, 28];
/// What only TLS 1.3 has: Brainpool once more (RFC 8734), and finite fields (RFC 7919). Older servers with parameters of
/// their own must not choose DHE where these are offered.
const GROUPS_OF_13: [u16; 6] = [31, 32, 33, 256, 257, 258];
/// RSA-PSS, ECDSA, EdDSA and PKCS #1, then SHA-224 and SHA-1, with DSA too.
const SIGNATURES: [u16; 24] = [
    0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b, 0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x081a, 0x081b, 0x081c,
    0x0401, 0x0501, 0x0601, 0x0402, 0x0303, 0x0301, 0x0302, 0x0203, 0x0201, 0x0202,
];

/// Some load balancers hang on hellos of a length between these, in bytes, and take longer ones (RFC 7685).
const UNLUCKY: std::ops::Range<usize> = 256..512;

/// The newest version that is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Newest {
    /// And every older one; whatever suite.
    Tls12,
    /// And no other. No key is offered: the peer names the group that it wants.
    Tls13,
}

/// One in a record of its own. `random` and `session` are told apart by nothing but their place.
pub fn client_hello(newest: Newest, name: Option<&str>, random: [u8; 32], session: [u8; 32]) -> Vec<u8> {
    let offer = |bytes: &mut Vec<u8>| {
        bytes.extend(TLS_1_2.to_be_bytes());
        bytes.extend(random);
        match newest {
            Newest::Tls12 => bytes.push(0),
            // Boxes on the path want to see a session (RFC 8446, appendix D.4).
            Newest::Tls13 => with_length::<1>(bytes, |bytes| bytes.extend(session)),
        }
        let suites = match newest {
            Newest::Tls12 => suites::UP_TO_12,
            Newest::Tls13 => suites::OF_13,
        };
        with_length::<2>(bytes, |bytes| numbers(bytes, suites.iter().map(|(number, _)| *number)));
        // No compression.
        bytes.extend([1, 0]);
    };
    let mut hello = Vec::new();
    offer(&mut hello);
    let mut extensions = Vec::new();
    add_extensions(&mut extensions, newest, name);
    // The message's own header, and the length of the extensions.
    let length = 4 + hello.len() + 2 + extensions.len();
    if UNLUCKY.contains(&length) {
        let padding = UNLUCKY.end.saturating_sub(length + 4);
        extension(&mut extensions, PADDING, |bytes| bytes.resize(bytes.len() + padding, 0));
    }
    with_length::<2>(&mut hello, |bytes| bytes.extend(extensions));

    let mut record = vec![HANDSHAKE, 3, 1];
    with_length::<2>(&mut record, |bytes| {
        bytes.push(CLIENT_HELLO);
        with_length::<3>(bytes, |bytes| bytes.extend(hello));
    });
    record
}

fn add_extensions(bytes: &mut Vec<u8>, newest: Newest, name: Option<&str>) {
    if let Some(name) = name {
        extension(bytes, SERVER_NAME, |bytes| {
            with_length::<2>(bytes, |bytes| {
                bytes.push(0);
                with_length::<2>(bytes, |bytes| bytes.extend(name.bytes()));
            });
        });
    }
    let groups: &[u16] = match newest {
        Newest::Tls12 => &[],
        Newest::Tls13 => &GROUPS_OF_13,
    };
    extension(bytes, SUPPORTED_GROUPS, |bytes| {
        with_length::<2>(bytes, |bytes| numbers(bytes, CURVES.iter().chain(groups).copied()));
    });
    extension(bytes, SIGNATURE_ALGORITHMS, |bytes| {
        with_length::<2>(bytes, |bytes| numbers(bytes, SIGNATURES));
    });
    match newest {
        Newest::Tls12 => {
            extension(bytes, EC_POINT_FORMATS, |bytes| bytes.extend([1, 0]));
            extension(bytes, EXTENDED_MASTER_SECRET, |_| ());
            extension(bytes, RENEGOTIATION_INFO, |bytes| bytes.push(0));
        }
        Newest::Tls13 => {
            extension(bytes, SUPPORTED_VERSIONS, |bytes| {
                with_length::<1>(bytes, |bytes| bytes.extend(TLS_1_3.to_be_bytes()));
            });
            extension(bytes, KEY_SHARE, |bytes| bytes.extend([0, 0]));
        }
    }
}

fn extension(bytes: &mut Vec<u8>, kind: u16, fill: impl FnOnce(&mut Vec<u8>)) {
    bytes.extend(kind.to_be_bytes());
    with_length::<2>(bytes, fill);
}

fn numbers(bytes: &mut Vec<u8>, numbers: impl IntoIterator<Item = u16>) {
    bytes.extend(numbers.into_iter().flat_map(u16::to_be_bytes));
}

/// What `fill` writes, after its length in `WIDTH` bytes.
pub(super) fn with_length<const WIDTH: usize>(bytes: &mut Vec<u8>, fill: impl FnOnce(&mut Vec<u8>)) {
    let mut content = Vec::new();
    fill(&mut content);
    let length = (content.len() as u64).to_be_bytes();
    bytes.extend(&length[length.len() - WIDTH..]);
    bytes.extend(content);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hello_is_as_long_as_it_says_and_of_no_unlucky_length() {
        for newest in [Newest::Tls12, Newest::Tls13] {
            for name in [None, Some("hub.test"), Some("a-much-longer-name.azure-devices.net")] {
                let hello = client_hello(newest, name, [1; 32], [2; 32]);
                let length = usize::from(u16::from_be_bytes([hello[3], hello[4]]));
                assert_eq!(hello.len(), 5 + length);
                assert_eq!(
                    hello[5..9],
                    [1, 0, hello[3].wrapping_sub(u8::from(hello[4] < 4)), hello[4].wrapping_sub(4)]
                );
                assert!(!UNLUCKY.contains(&length), "{length}");
                assert!(length < 1200, "one segment holds it: {length}");
            }
        }
    }
}
