//! A ClientHello that says less, or more, than the client who wrote it.

use super::{
    client_hello::{CLIENT_HELLO, with_length},
    record::{HANDSHAKE, KEY_SHARE, Reader, SUPPORTED_VERSIONS, TLS_1_2, TLS_1_3},
    suites,
};
use crate::observation::OWN_SUITES;

const PSK_KEY_EXCHANGE_MODES: u16 = 45;

/// A ClientHello, behind the header of its record if it has one, as a client writes it that knows no TLS 1.3: without
/// `supported_versions`. `None` for what is no whole ClientHello.
pub fn without_supported_versions(bytes: &[u8]) -> Option<Vec<u8>> {
    edited(bytes, &|parts| parts.extensions.retain(|(kind, _)| *kind != SUPPORTED_VERSIONS))
}

/// The same as a client writes it that knows TLS 1.3 too. Its key is the random: nobody is to use it.
pub fn offering_tls_13(bytes: &[u8]) -> Option<Vec<u8>> {
    const X25519: u16 = 29;
    edited(bytes, &|parts| {
        let own = suites::OF_13.iter().filter(|(_, name)| OWN_SUITES.contains(name));
        let newer: Vec<u8> = own.flat_map(|(suite, _)| suite.to_be_bytes()).collect();
        parts.suites.splice(..0, newer);
        parts.extensions.retain(|(kind, _)| *kind != SUPPORTED_VERSIONS);
        let versions: Vec<u8> = [TLS_1_3, TLS_1_2].into_iter().flat_map(u16::to_be_bytes).collect();
        parts.extensions.push((SUPPORTED_VERSIONS, [&[4][..], &versions].concat()));
        // Keys are to be agreed on anew, whatever was shared before.
        parts.extensions.push((PSK_KEY_EXCHANGE_MODES, vec![1, 1]));
        let share = [&[0, 36][..], &X25519.to_be_bytes(), &[0, 32], &parts.random].concat();
        parts.extensions.push((KEY_SHARE, share));
    })
}

/// What is edited of a hello.
struct Parts {
    random: [u8; 32],
    suites: Vec<u8>,
    extensions: Vec<(u16, Vec<u8>)>,
}

fn edited(bytes: &[u8], edit: &impl Fn(&mut Parts)) -> Option<Vec<u8>> {
    if let ([HANDSHAKE, major, minor, _, _], message) = bytes.split_first_chunk::<5>()? {
        let mut record = vec![HANDSHAKE, *major, *minor];
        let message = edited(message, edit)?;
        with_length::<2>(&mut record, |record| record.extend(message));
        return Some(record);
    }
    let mut message = Reader(bytes);
    let [kind, length @ ..] = message.take(4)? else { return None };
    let length = length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
    if *kind != CLIENT_HELLO || length != message.0.len() {
        return None;
    }
    let (version, random) = (message.take(2)?, message.take(32)?);
    let session = usize::from(message.take(1)?[0]);
    let session = message.take(session)?;
    let suites = usize::from(message.number()?);
    let suites = message.take(suites)?.to_vec();
    let compressions = usize::from(message.take(1)?[0]);
    let compressions = message.take(compressions)?;
    let length = usize::from(message.number()?);
    let mut listed = Reader(message.take(length)?);
    let mut extensions = Vec::new();
    while !listed.0.is_empty() {
        let (kind, length) = (listed.number()?, usize::from(listed.number()?));
        extensions.push((kind, listed.take(length)?.to_vec()));
    }
    let mut parts = Parts { random: random.try_into().ok()?, suites, extensions };
    edit(&mut parts);

    let mut hello = vec![CLIENT_HELLO];
    with_length::<3>(&mut hello, |hello| {
        hello.extend(version);
        hello.extend(random);
        with_length::<1>(hello, |hello| hello.extend(session));
        with_length::<2>(hello, |hello| hello.extend(parts.suites));
        with_length::<1>(hello, |hello| hello.extend(compressions));
        with_length::<2>(hello, |hello| {
            for (kind, content) in parts.extensions {
                hello.extend(kind.to_be_bytes());
                with_length::<2>(hello, |hello| hello.extend(content));
            }
        });
    });
    Some(hello)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::tls::{Newest, client_hello};

    #[test]
    fn what_is_added_is_read_as_it_was_meant() {
        let hello = client_hello(Newest::Tls12, Some("hub.test"), [1; 32], [2; 32]);
        let edited = offering_tls_13(&hello).expect("a hello");
        assert_eq!(usize::from(u16::from_be_bytes([edited[3], edited[4]])), edited.len() - 5);
        let holds = |part: &[u8]| edited.windows(part.len()).any(|window| window == part);
        assert!(holds(&[0x13, 1, 0x13, 2, 0x13, 3, 0xc0, 0x2c]), "suites");
        assert!(holds(&[0, 43, 0, 5, 4, 3, 4, 3, 3]), "versions");
        assert!(holds(&[&[0, 51, 0, 38, 0, 36, 0, 29, 0, 32][..], &[1; 32]].concat()), "a key");
    }

    #[test]
    fn one_extension_goes_and_all_lengths_are_right() {
        let hello = client_hello(Newest::Tls13, Some("hub.test"), [1; 32], [2; 32]);
        let edited = without_supported_versions(&hello).expect("a hello");
        // Its type, two lengths and one version.
        assert_eq!(edited.len(), hello.len() - 7);
        assert_eq!(usize::from(u16::from_be_bytes([edited[3], edited[4]])), edited.len() - 5);
        assert_eq!(without_supported_versions(&edited), Some(edited.clone()), "nothing is left to go");
        assert_eq!(without_supported_versions(&hello[5..]).as_deref(), Some(&edited[5..]), "with a record and without");
        assert!(hello.windows(7).any(|part| part == [0, 43, 0, 3, 2, 3, 4]));
        assert!(!edited.windows(2).any(|part| part == [0, 43]));
        for length in 0..hello.len() {
            assert_eq!(without_supported_versions(&hello[..length]), None, "{length}");
        }
    }
}
