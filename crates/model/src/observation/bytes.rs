//! The first bytes of something unexpected.

use serde::{Deserialize, Serialize};

use crate::hub::redacted_page;

/// The first bytes a peer sent, at most [`FirstBytes::MOST`]; in JSON as hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FirstBytes(Vec<u8>);

impl FirstBytes {
    /// Maximum number of bytes kept.
    pub const MOST: usize = 64;

    /// Keeps the first of `bytes`. Removes possible credentials from an HTTP answer.
    pub fn of(bytes: &[u8]) -> Self {
        let start = Self(bytes[..bytes.len().min(Self::MOST)].to_vec());
        if !start.look_like_http() {
            return start;
        }
        let text = String::from_utf8_lossy(&start.0);
        let kept = redacted_page(&text).into_owned();
        Self(without_cut_user(&kept).as_bytes().iter().copied().take(Self::MOST).collect())
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

/// `text` without the start of a `user:password@host` at its end: what cannot be a port is a password.
fn without_cut_user(text: &str) -> &str {
    let Some((before, authority)) = text.rsplit_once("://") else { return text };
    let is_cut = !authority.contains(['/', '@', '?', '#', '\r', '\n', '"']);
    let port = authority.rsplit_once(':').map_or("", |(_, port)| port);
    match is_cut && !port.bytes().all(|byte| byte.is_ascii_digit()) {
        true => &text[..before.len() + 3],
        false => text,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_in_http_is_kept_without_credentials() {
        for (sent, kept) in [
            (
                "HTTP/1.1 302 Found\r\nLocation: http://u:p@h/x",
                "HTTP/1.1 302 Found\r\nLocation: http://(not shown)@h/x",
            ),
            ("HTTP/1.1 302 Found\r\nLocation: http://admin:c2VjcmV0", "HTTP/1.1 302 Found\r\nLocation: http://"),
            (
                "HTTP/1.1 302 Found\r\nLocation: http://portal:8080",
                "HTTP/1.1 302 Found\r\nLocation: http://portal:8080",
            ),
            ("HTTP/1.1 302 Found\r\nLocation: /a?sid=c2VjcmV0", "HTTP/1.1 302 Found\r\nLocation: /a?(not shown)"),
            ("SSH-2.0-key=value u:p@h", "SSH-2.0-key=value u:p@h"),
        ] {
            assert_eq!(FirstBytes::of(sent.as_bytes()).as_slice(), kept.as_bytes(), "{sent}");
        }
    }
}
