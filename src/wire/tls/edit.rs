//! A ClientHello without one of its extensions.

use super::{HANDSHAKE, SUPPORTED_VERSIONS};

const CLIENT_HELLO: u8 = 1;

/// The message, behind the header of its record if it has one, as a client writes it that knows no TLS 1.3: without
/// `supported_versions`. `None` for what is no whole ClientHello.
pub fn without_supported_versions(bytes: &[u8]) -> Option<Vec<u8>> {
    if let ([HANDSHAKE, major, minor, _, _], message) = bytes.split_first_chunk::<5>()? {
        let edited = without_supported_versions(message)?;
        let mut record = vec![HANDSHAKE, *major, *minor];
        record.extend(u16::try_from(edited.len()).ok()?.to_be_bytes());
        record.extend(edited);
        return Some(record);
    }
    let (header, body) = bytes.split_first_chunk::<4>()?;
    if header[0] != CLIENT_HELLO || usize::try_from(number(header)?).ok()? & 0x00ff_ffff != body.len() {
        return None;
    }
    // Behind the version and the random: session, suites, compression.
    let mut at = 2 + 32;
    at += 1 + usize::from(*body.get(at)?);
    at += 2 + usize::from(short(body, at)?);
    at += 1 + usize::from(*body.get(at)?);
    let (before, mut rest) = (body.get(..at)?, body.get(at + 2..)?);
    let mut extensions: Vec<u8> = Vec::new();
    while !rest.is_empty() {
        let (extension, behind) = rest.split_at_checked(4 + usize::from(short(rest, 2)?))?;
        if short(extension, 0)? != SUPPORTED_VERSIONS {
            extensions.extend(extension);
        }
        rest = behind;
    }
    let length = u32::try_from(before.len() + 2 + extensions.len()).ok()?;
    let mut edited = (u32::from(CLIENT_HELLO) << 24 | length).to_be_bytes().to_vec();
    edited.extend(before);
    edited.extend(u16::try_from(extensions.len()).ok()?.to_be_bytes());
    edited.extend(extensions);
    Some(edited)
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|number| u16::from_be_bytes(*number))
}

fn number(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().map(|number| u32::from_be_bytes(*number))
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Newest, client_hello},
        *,
    };

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
