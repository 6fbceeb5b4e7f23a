//! AMQP 1.0 as far as the offer of SASL mechanisms (OASIS AMQP 1.0, sections 1.6, 2.2, 2.3 and 5.3).

use super::Parsed;

/// The protocol header that asks for SASL, and its answer (section 5.3.1).
pub const SASL_HEADER: [u8; 8] = *b"AMQP\x03\x01\x00\x00";

/// The longest answer that can be read: header and frame. The standard's limit for a SASL frame is 512 bytes; this is lenient.
pub const MAX_ANSWER_LEN: usize = 8 + 4096;

/// The type byte of a SASL frame (section 5.3.1).
const SASL_FRAME: u8 = 0x01;
/// The descriptor of sasl-mechanisms (section 5.3.3.1).
const MECHANISMS: u64 = 0x40;
const MECHANISMS_SYMBOL: &[u8] = b"amqp:sasl-mechanisms:list";

/// A sasl-init frame (section 5.3.3.2) that chooses a mechanism that no server offers, with a name of `length` bytes:
/// no login.
pub fn unknown_mechanism(length: usize) -> Vec<u8> {
    let big_endian = |length: usize| u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    let mut fields = vec![0xb3]; // sym32
    fields.extend(big_endian(length));
    fields.extend(std::iter::repeat_n(b'x', length));
    let mut body = vec![0x00, 0x53, 0x41, 0xd0]; // sasl-init, list32
    body.extend(big_endian(fields.len() + 4));
    body.extend(big_endian(1));
    body.extend(fields);
    let mut frame = big_endian(body.len() + 8).to_vec();
    frame.extend([0x02, SASL_FRAME, 0x00, 0x00]);
    frame.extend(body);
    frame
}

/// Reads the header and the sasl-mechanisms frame from the start of `bytes`; gives the mechanisms in the peer's order.
pub fn mechanisms(bytes: &[u8]) -> Parsed<Vec<String>> {
    if bytes.iter().zip(SASL_HEADER).any(|(has, wanted)| *has != wanted) {
        return Parsed::Mismatch;
    }
    let Some(frame) = bytes.get(SASL_HEADER.len()..).filter(|rest| rest.len() >= 8) else {
        return Parsed::Incomplete;
    };
    let size = u32::from_be_bytes([frame[0], frame[1], frame[2], frame[3]]) as usize;
    let body_at = usize::from(frame[4]) * 4;
    if frame[5] != SASL_FRAME || body_at < 8 || body_at > size || size > MAX_ANSWER_LEN - SASL_HEADER.len() {
        return Parsed::Mismatch;
    }
    let Some(body) = frame.get(body_at..size) else {
        return Parsed::Incomplete;
    };
    match Cursor(body).mechanisms() {
        Some(mechanisms) => Parsed::Done(mechanisms),
        None => Parsed::Mismatch,
    }
}

/// What is left to read of one frame's body. Every step is `None` where the bytes are not what they must be.
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl<'a> Cursor<'a> {
    fn mechanisms(mut self) -> Option<Vec<String>> {
        self.descriptor()?;
        let (mut fields, count) = self.list()?;
        if count == 0 {
            return Some(Vec::new());
        }
        // Symbols are ASCII (section 1.6.21); whatever else comes is kept readable.
        let text = |symbol: &[u8]| String::from_utf8_lossy(symbol).into_owned();
        match fields.byte()? {
            0x40 => Some(Vec::new()),
            0xa3 => Some(vec![text(fields.short()?)]),
            0xb3 => Some(vec![text(fields.long()?)]),
            array @ (0xe0 | 0xf0) => Some(fields.symbols(array == 0xe0)?.into_iter().map(text).collect()),
            _ => None,
        }
    }

    /// A descriptor that names sasl-mechanisms, as small ulong, ulong or symbol.
    fn descriptor(&mut self) -> Option<()> {
        if self.byte()? != 0x00 {
            return None;
        }
        let named = match self.byte()? {
            0x53 => u64::from(self.byte()?) == MECHANISMS,
            0x80 => self.take(8)? == MECHANISMS.to_be_bytes(),
            0xa3 => self.short()? == MECHANISMS_SYMBOL,
            0xb3 => self.long()? == MECHANISMS_SYMBOL,
            _ => false,
        };
        named.then_some(())
    }

    /// A list's fields and their number (section 1.6.22).
    pub(super) fn list(&mut self) -> Option<(Self, usize)> {
        match self.byte()? {
            0x45 => Some((Self(&[]), 0)),
            0xc0 => {
                let mut fields = Self(self.short()?);
                let count = usize::from(fields.byte()?);
                Some((fields, count))
            }
            0xd0 => {
                let mut fields = Self(self.long()?);
                let count = fields.word()?;
                Some((fields, count))
            }
            _ => None,
        }
    }

    /// An array of symbols (section 1.6.24).
    fn symbols(&mut self, small: bool) -> Option<Vec<&'a [u8]>> {
        let mut items = Self(if small { self.short()? } else { self.long()? });
        let count = if small { usize::from(items.byte()?) } else { items.word()? };
        let constructor = items.byte()?;
        let mut symbols = Vec::new();
        for _ in 0..count {
            symbols.push(match constructor {
                0xa3 => items.short()?,
                0xb3 => items.long()?,
                _ => return None,
            });
        }
        Some(symbols)
    }

    /// Bytes after a length of one byte.
    pub(super) fn short(&mut self) -> Option<&'a [u8]> {
        let length = self.byte()?;
        self.take(usize::from(length))
    }

    /// Bytes after a length of four bytes.
    pub(super) fn long(&mut self) -> Option<&'a [u8]> {
        let length = self.word()?;
        self.take(length)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|byte| byte[0])
    }

    pub(super) fn word(&mut self) -> Option<usize> {
        let bytes = self.take(4)?;
        usize::try_from(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])).ok()
    }

    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a real Azure IoT Hub sent.
    const CAPTURE: &[u8] =
        b"AMQP\x03\x01\x00\x00\x00\x00\x00\x3f\x02\x01\x00\x00\x00\x53\x40\xc0\x32\x01\xe0\x2f\x04\xb3\
        \x00\x00\x00\x08EXTERNAL\x00\x00\x00\x07MSSBCBS\x00\x00\x00\x09ANONYMOUS\x00\x00\x00\x05PLAIN";

    #[test]
    fn the_capture_of_a_real_hub_is_read_byte_by_byte() {
        for length in 0..CAPTURE.len() {
            assert_eq!(mechanisms(&CAPTURE[..length]), Parsed::Incomplete, "{length}");
        }
        let offered = ["EXTERNAL", "MSSBCBS", "ANONYMOUS", "PLAIN"].map(String::from).to_vec();
        assert_eq!(mechanisms(CAPTURE), Parsed::Done(offered));
    }

    #[test]
    fn a_broker_of_another_amqp_is_noticed() {
        assert_eq!(mechanisms(b"AMQP\x00\x00\x09\x01"), Parsed::Mismatch);
        assert_eq!(mechanisms(b"HTTP/1.1 400"), Parsed::Mismatch);
    }

    #[test]
    fn a_frame_that_promises_too_much_is_refused_at_once() {
        let mut frame = SASL_HEADER.to_vec();
        frame.extend(b"\xff\xff\xff\xff\x02\x01\x00\x00");
        assert_eq!(mechanisms(&frame), Parsed::Mismatch);
    }
}
