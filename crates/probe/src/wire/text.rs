//! Text as files hold it: UTF-8, or UTF-16 as Windows' own tools write it.

use std::char;

/// Bytes that are no text which can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotText {
    /// Nobody writes files so on purpose.
    #[error("it is in UTF-32; save it as UTF-8")]
    Utf32,
    /// UTF-16 that is cut off or damaged.
    #[error("it is in UTF-16, and damaged; save it as UTF-8")]
    Utf16,
    /// Another code page, or no text at all.
    #[error("it is no text in UTF-8 from byte {0} on; save it as UTF-8")]
    Utf8(usize),
}

#[derive(Clone, Copy)]
enum Order {
    Little,
    Big,
}

/// The text that `bytes` are, without a mark of their order.
///
/// # Errors
/// What else they are.
pub fn text(bytes: Vec<u8>) -> Result<String, NotText> {
    String::from_utf8(utf8(bytes)?).map_err(|error| NotText::Utf8(error.utf8_error().valid_up_to() + 1))
}

/// The same where not all need be text: what is not UTF-16 stays as it is.
///
/// # Errors
/// Where it is UTF-16 or UTF-32 that cannot be read.
pub fn utf8(mut bytes: Vec<u8>) -> Result<Vec<u8>, NotText> {
    match bytes.as_slice() {
        [0xef, 0xbb, 0xbf, ..] => {
            bytes.drain(..3);
            Ok(bytes)
        }
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] | [1..=0xff, 0, 0, 0, ..] | [0, 0, 0, 1..=0xff, ..] => {
            Err(NotText::Utf32)
        }
        [0xff, 0xfe, rest @ ..] => utf16(rest, Order::Little),
        [0xfe, 0xff, rest @ ..] => utf16(rest, Order::Big),
        // Without a mark: what is read here begins with a letter, a bracket or the like.
        [1..=0x7f, 0, ..] => utf16(&bytes, Order::Little),
        [0, 1..=0x7f, ..] => utf16(&bytes, Order::Big),
        _ => Ok(bytes),
    }
}

fn utf16(bytes: &[u8], order: Order) -> Result<Vec<u8>, NotText> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| match order {
        Order::Little => u16::from_le_bytes(*pair),
        Order::Big => u16::from_be_bytes(*pair),
    });
    let decoded: Result<String, _> = char::decode_utf16(units).collect();
    match decoded {
        Ok(text) if rest.is_empty() => Ok(text.into_bytes()),
        _ => Err(NotText::Utf16),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "{\"title\": \"Pumpwerk Süd 😀\"}\r\n";

    fn coded(order: Order, mark: bool) -> Vec<u8> {
        let units = mark.then_some(0xfeff).into_iter().chain(TEXT.encode_utf16());
        let pair = |unit: u16| match order {
            Order::Little => unit.to_le_bytes(),
            Order::Big => unit.to_be_bytes(),
        };
        units.flat_map(pair).collect()
    }

    #[test]
    fn text_is_read_as_windows_writes_it() {
        for mark in [false, true] {
            for order in [Order::Little, Order::Big] {
                assert_eq!(text(coded(order, mark)).as_deref(), Ok(TEXT));
            }
        }
        assert_eq!(text([b"\xef\xbb\xbf", TEXT.as_bytes()].concat()).as_deref(), Ok(TEXT));
        assert_eq!(text(TEXT.into()).as_deref(), Ok(TEXT));
        assert_eq!(text(Vec::new()).as_deref(), Ok(""));
    }

    #[test]
    fn what_is_no_text_is_said_to_be_that() {
        let mut cut = coded(Order::Little, true);
        cut.pop();
        assert_eq!(text(cut), Err(NotText::Utf16));
        assert_eq!(text(b"{\0\0\0".into()), Err(NotText::Utf32));
        assert_eq!(text(b"\xff\xfe\0\0{\0\0\0".into()), Err(NotText::Utf32));
        assert_eq!(text(b"title = \"S\xfcd\"".into()), Err(NotText::Utf8(11)));
        // A file of another kind stays what it is.
        assert_eq!(utf8(b"\x30\x82\xff".into()), Ok(b"\x30\x82\xff".into()));
    }
}
