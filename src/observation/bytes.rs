//! The beginning of something unexpected.

use serde::{Deserialize, Serialize};

/// The first bytes a peer sent, at most [`FirstBytes::MOST`]; in JSON as hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FirstBytes(Vec<u8>);

impl FirstBytes {
    /// How many bytes are kept.
    pub const MOST: usize = 64;

    /// Keeps the beginning of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(bytes[..bytes.len().min(Self::MOST)].to_vec())
    }

    /// The bytes kept.
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }

    /// Whether they look like an HTTP/1.x answer or an HTML page in clear.
    pub fn look_like_http(&self) -> bool {
        let starts = |prefix: &[u8]| self.0.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
        starts(b"HTTP/") || starts(b"<html") || starts(b"<!doctype")
    }

    /// For people: printable ASCII as it is, everything else as `\xNN`.
    pub fn readable(&self) -> String {
        self.0.escape_ascii().to_string()
    }
}

impl From<FirstBytes> for String {
    fn from(bytes: FirstBytes) -> Self {
        hex(&bytes.0)
    }
}

impl TryFrom<String> for FirstBytes {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let digits: Option<Vec<u8>> = text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
        match digits {
            Some(digits) if digits.len().is_multiple_of(2) => {
                Ok(Self(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).take(Self::MOST).collect()))
            }
            _ => Err("first bytes are an even number of hexadecimal digits"),
        }
    }
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
