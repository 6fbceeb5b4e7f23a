//! MQTT 3.1.1 as far as a login without credentials needs it (OASIS MQTT 3.1.1, sections 2 and 3).

use super::Parsed;

/// DISCONNECT (section 3.14): the polite end of a session that was accepted.
pub const DISCONNECT: [u8; 2] = [0xe0, 0x00];

/// PINGREQ (section 3.12).
pub const PING: [u8; 2] = [0xc0, 0x00];

/// The packet type of CONNECT (section 2.2.1).
pub const CONNECT: u8 = 1;
/// The packet type of PINGREQ.
pub const PINGREQ: u8 = 12;
/// The packet type of DISCONNECT.
pub const DISCONNECT_KIND: u8 = 14;

/// Seconds of keep-alive announced; the session never lives that long.
const KEEP_ALIVE: u16 = 60;

const CLEAN_SESSION: u8 = 0x02;
const USER_NAME: u8 = 0x80;

/// The answer to CONNECT (section 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connack {
    /// Whether the broker has a session for this client id.
    pub session_present: bool,
    /// 0 accepted; 1 protocol version, 2 client id, 3 server unavailable, 4 bad credentials, 5 not authorised; from 0x80 on a
    /// reason of MQTT 5.
    pub return_code: u8,
}

/// A CONNECT with a clean session, without a password (section 3.1).
pub fn connect(client_id: &str, user_name: Option<&str>) -> Vec<u8> {
    let mut body = Vec::new();
    push_string(&mut body, "MQTT");
    body.push(4); // protocol level 3.1.1
    body.push(CLEAN_SESSION | user_name.map_or(0, |_| USER_NAME));
    body.extend(KEEP_ALIVE.to_be_bytes());
    push_string(&mut body, client_id);
    if let Some(user_name) = user_name {
        push_string(&mut body, user_name);
    }
    let mut packet = vec![0x10];
    push_length(&mut packet, body.len());
    packet.extend(body);
    packet
}

/// An UNSUBSCRIBE from `filters` (section 3.10).
pub fn unsubscribe(packet_id: u16, filters: &[String]) -> Vec<u8> {
    let mut body = packet_id.to_be_bytes().to_vec();
    filters.iter().for_each(|filter| push_string(&mut body, filter));
    let mut packet = vec![0xa2];
    push_length(&mut packet, body.len());
    packet.extend(body);
    packet
}

/// The longest CONNACK of MQTT 5 that is read, in bytes: its properties hold a few words.
const MAX_CONNACK_LEN: usize = 4096;

/// Reads a CONNACK from the start of `bytes`: of 3.1.1, or of a broker that answers in MQTT 5 (OASIS MQTT 5, section 3.2),
/// whose properties are left alone.
pub fn connack(bytes: &[u8]) -> Parsed<Connack> {
    if bytes.first().is_some_and(|first| *first != 0x20) {
        return Parsed::Mismatch;
    }
    let (length, rest) = match variable_length(bytes.get(1..).unwrap_or_default()) {
        Parsed::Done(Variable { length: length @ 2..=MAX_CONNACK_LEN, rest }) => (length, rest),
        Parsed::Done(_) | Parsed::Mismatch => return Parsed::Mismatch,
        Parsed::Incomplete => return Parsed::Incomplete,
    };
    match rest {
        // Bits 7 to 1 of the acknowledge flags are reserved (section 3.2.2.1).
        [flags, ..] if flags & 0xfe != 0 => Parsed::Mismatch,
        [flags, return_code, after @ ..] => {
            let connack = Connack { session_present: flags & 1 == 1, return_code: *return_code };
            match variable_length(after) {
                _ if length == 2 => Parsed::Done(connack),
                Parsed::Done(properties) if 2 + properties.whole(after) == length => match rest.len() >= length {
                    true => Parsed::Done(connack),
                    false => Parsed::Incomplete,
                },
                Parsed::Done(_) | Parsed::Mismatch => Parsed::Mismatch,
                Parsed::Incomplete => Parsed::Incomplete,
            }
        }
        _ => Parsed::Incomplete,
    }
}

/// A length and the bytes after it.
struct Variable<'a> {
    length: usize,
    rest: &'a [u8],
}

impl Variable<'_> {
    /// How much of `bytes`, from which it was read, it speaks of, its own digits included.
    fn whole(&self, bytes: &[u8]) -> usize {
        bytes.len() - self.rest.len() + self.length
    }
}

/// Reads a length of four digits of seven bits at most (section 2.2.3).
fn variable_length(bytes: &[u8]) -> Parsed<Variable<'_>> {
    let mut length = 0;
    for (index, digit) in bytes.iter().take(4).enumerate() {
        length |= usize::from(digit & 0x7f) << (7 * index);
        if digit & 0x80 == 0 {
            return Parsed::Done(Variable { length, rest: bytes.get(index + 1..).unwrap_or_default() });
        }
    }
    if bytes.len() < 4 { Parsed::Incomplete } else { Parsed::Mismatch }
}

/// One control packet (section 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// The packet type, without its flags.
    pub kind: u8,
    /// What follows the fixed header.
    pub body: &'a [u8],
}

/// Reads any packet of at most `longest` bytes from the start of `bytes`; gives it and its length.
pub fn packet(bytes: &[u8], longest: usize) -> Parsed<(Packet<'_>, usize)> {
    let Some((first, rest)) = bytes.split_first() else {
        return Parsed::Incomplete;
    };
    match variable_length(rest) {
        Parsed::Done(Variable { length, rest: body }) => {
            let start = bytes.len() - body.len();
            if start + length > longest {
                return Parsed::Mismatch;
            }
            match body.get(..length) {
                Some(body) => Parsed::Done((Packet { kind: first >> 4, body }, start + length)),
                None => Parsed::Incomplete,
            }
        }
        Parsed::Incomplete => Parsed::Incomplete,
        Parsed::Mismatch => Parsed::Mismatch,
    }
}

/// The protocol level in the body of a CONNECT: 3 for 3.1, 4 for 3.1.1, 5 for 5.
pub fn protocol_level(body: &[u8]) -> Option<u8> {
    let rest = body.strip_prefix(b"\x00\x04MQTT").or_else(|| body.strip_prefix(b"\x00\x06MQIsdp"))?;
    rest.first().copied()
}

/// A length-prefixed UTF-8 string (section 1.5.3); no string of ours comes near its limit of 65,535 bytes.
fn push_string(out: &mut Vec<u8>, text: &str) {
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    out.extend(length.to_be_bytes());
    out.extend(&text.as_bytes()[..usize::from(length)]);
}

/// The variable-length remaining length (section 2.2.3).
fn push_length(out: &mut Vec<u8>, mut length: usize) {
    loop {
        let digit = (length % 128) as u8;
        length /= 128;
        if length == 0 {
            return out.push(digit);
        }
        out.push(digit | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_read_byte_by_byte() {
        let refusal = [0x20, 0x02, 0x00, 0x05];
        for length in 0..4 {
            assert_eq!(connack(&refusal[..length]), Parsed::Incomplete);
        }
        assert_eq!(connack(&refusal), Parsed::Done(Connack { session_present: false, return_code: 5 }));
    }

    #[test]
    fn a_refusal_in_mqtt_5_is_read_too() {
        // With a reason string, and without any property.
        for refusal in
            [&[0x20, 0x08, 0x00, 0x97, 0x05, 0x1f, 0x00, 0x02, b'n', b'o'][..], &[0x20, 0x03, 0x00, 0x97, 0x00]]
        {
            for length in 0..5 {
                assert_eq!(connack(&refusal[..length]), Parsed::Incomplete);
            }
            assert_eq!(connack(refusal), Parsed::Done(Connack { session_present: false, return_code: 0x97 }));
        }
        assert_eq!(connack(&[0x20, 0x03, 0x00, 0x97, 0x01]), Parsed::Mismatch, "properties longer than the packet");
    }

    #[test]
    fn anything_else_is_noticed_at_its_first_wrong_byte() {
        for wrong in [&b"H"[..], b"\x20\x01", b"\x20\x02\x02", b"\x30\x02\x00\x00", b"\x20\xff\xff\xff\x7f"] {
            assert_eq!(connack(wrong), Parsed::Mismatch, "{wrong:?}");
        }
    }
}
