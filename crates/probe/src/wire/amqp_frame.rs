//! AMQP 1.0 frames as the hub's side reads and writes them (OASIS AMQP 1.0, sections 1.6, 2.3, 2.7 and 5.3.3).

use super::{Parsed, amqp::Cursor};

/// The type byte of a SASL frame.
pub const SASL: u8 = 0x01;
/// The type byte of an AMQP frame.
pub const AMQP: u8 = 0x00;

/// Descriptor of open.
pub const OPEN: u64 = 0x10;
/// Descriptor of close.
pub const CLOSE: u64 = 0x18;
/// Descriptor of error.
pub const ERROR: u64 = 0x1d;
/// Descriptor of sasl-mechanisms.
pub const SASL_MECHANISMS: u64 = 0x40;
/// Descriptor of sasl-init.
pub const SASL_INIT: u64 = 0x41;
/// Descriptor of sasl-outcome.
pub const SASL_OUTCOME: u64 = 0x44;

/// The frame header's length, without extension.
const HEADER: usize = 8;

/// A frame that has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// [`SASL`], [`AMQP`] or something unknown.
    pub kind: u8,
    /// What it says; `None` for an empty frame, which only keeps the connection alive.
    pub performative: Option<u64>,
    /// The first field, where it is a symbol: the mechanism of a sasl-init.
    pub first_symbol: Option<String>,
}

/// Reads a frame of at most `longest` bytes from the start of `bytes`; gives it and its length.
pub fn frame(bytes: &[u8], longest: usize) -> Parsed<(Frame, usize)> {
    let Some((header, _)) = bytes.split_first_chunk::<HEADER>() else {
        return Parsed::Incomplete;
    };
    let size = u32::from_be_bytes([header[0], header[1], header[2], header[3]]) as usize;
    let body_at = usize::from(header[4]) * 4;
    if body_at < HEADER || body_at > size || size > longest {
        return Parsed::Mismatch;
    }
    let Some(body) = bytes.get(body_at..size) else {
        return Parsed::Incomplete;
    };
    let mut body = Cursor(body);
    let mut frame = Frame { kind: header[5], performative: None, first_symbol: None };
    if !body.0.is_empty() {
        let Some(performative) = body.any_descriptor() else {
            return Parsed::Mismatch;
        };
        frame.performative = Some(performative);
        frame.first_symbol = body.first_symbol();
    }
    Parsed::Done((frame, size))
}

impl Cursor<'_> {
    /// A numeric descriptor; the symbolic ones are not used by anyone.
    fn any_descriptor(&mut self) -> Option<u64> {
        if self.byte()? != 0x00 {
            return None;
        }
        match self.byte()? {
            0x44 => Some(0),
            0x53 => self.byte().map(u64::from),
            0x80 => self.take(8)?.try_into().ok().map(u64::from_be_bytes),
            _ => None,
        }
    }

    fn first_symbol(&mut self) -> Option<String> {
        let (mut fields, _) = self.list()?;
        let symbol = match fields.byte()? {
            0xa3 => fields.short()?,
            0xb3 => fields.long()?,
            _ => return None,
        };
        Some(String::from_utf8_lossy(symbol).into_owned())
    }
}

/// A frame of `kind` on channel 0 that holds `body`.
pub fn framed(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut frame = length(HEADER + body.len());
    frame.extend([2, kind, 0, 0]);
    frame.extend(body);
    frame
}

/// A described list; absent fields at the end are left out by the caller, those between are [`null`].
pub fn described(descriptor: u64, fields: &[Vec<u8>]) -> Vec<u8> {
    let mut value = vec![0x00, 0x80];
    value.extend(descriptor.to_be_bytes());
    let fields_length: usize = fields.iter().map(Vec::len).sum();
    value.push(0xd0);
    value.extend(length(fields_length + 4));
    value.extend(length(fields.len()));
    value.extend(fields.concat());
    value
}

/// No value.
pub fn null() -> Vec<u8> {
    vec![0x40]
}

/// An unsigned byte.
pub fn ubyte(value: u8) -> Vec<u8> {
    vec![0x50, value]
}

/// An unsigned integer of 16 bits.
pub fn ushort(value: u16) -> Vec<u8> {
    [&[0x60], value.to_be_bytes().as_slice()].concat()
}

/// An unsigned integer of 32 bits.
pub fn uint(value: u32) -> Vec<u8> {
    [&[0x70], value.to_be_bytes().as_slice()].concat()
}

/// A string.
pub fn string(text: &str) -> Vec<u8> {
    [&[0xb1], length(text.len()).as_slice(), text.as_bytes()].concat()
}

/// A symbol.
pub fn symbol(text: &str) -> Vec<u8> {
    [&[0xb3], length(text.len()).as_slice(), text.as_bytes()].concat()
}

/// An array of symbols.
pub fn symbols(texts: &[&str]) -> Vec<u8> {
    let mut items = length(texts.len());
    items.push(0xb3);
    for text in texts {
        items.extend(length(text.len()));
        items.extend(text.as_bytes());
    }
    [&[0xf0], length(items.len()).as_slice(), &items].concat()
}

/// A length as four bytes; nothing of ours comes near the limit.
fn length(length: usize) -> Vec<u8> {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::amqp;

    #[test]
    fn what_is_written_can_be_read() {
        let bytes = framed(SASL, &described(SASL_INIT, &[symbol("PLAIN")]));
        for length in 0..bytes.len() {
            assert_eq!(frame(&bytes[..length], 512), Parsed::Incomplete, "{length}");
        }
        let read = Frame { kind: SASL, performative: Some(SASL_INIT), first_symbol: Some("PLAIN".to_owned()) };
        assert_eq!(frame(&bytes, 512), Parsed::Done((read, bytes.len())));
        assert_eq!(frame(&bytes, 16), Parsed::Mismatch);
    }

    #[test]
    fn an_offer_is_read_by_the_client_side() {
        let offer = framed(SASL, &described(SASL_MECHANISMS, &[symbols(&["EXTERNAL", "PLAIN"])]));
        let bytes = [&amqp::SASL_HEADER[..], &offer].concat();
        let offered = vec!["EXTERNAL".to_owned(), "PLAIN".to_owned()];
        assert_eq!(amqp::mechanisms(&bytes), Parsed::Done(offered));
    }
}
