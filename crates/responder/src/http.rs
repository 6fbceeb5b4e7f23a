//! Requests as far as they matter here, and responses.

use crate::{probe, wire::Parsed};

/// The longest request line and header block that is read.
pub(super) const MAX_HEAD_LEN: usize = 64 * 1024;
/// More headers than any client sends.
const MAX_HEADERS: usize = 256;

/// The head of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) method: String,
    /// Path and query, as they came.
    pub(super) target: String,
    pub(super) minor_version: u8,
    headers: Vec<(String, String)>,
}

impl Request {
    /// Reads one from the start of `bytes`; gives it and its length.
    pub(super) fn parse(bytes: &[u8]) -> Parsed<(Self, usize)> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        let length = match request.parse(bytes) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) if bytes.len() < MAX_HEAD_LEN => return Parsed::Incomplete,
            Ok(httparse::Status::Partial) | Err(_) => return Parsed::Mismatch,
        };
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let parsed = Self {
            method: request.method.unwrap_or_default().to_owned(),
            target: request.path.unwrap_or_default().to_owned(),
            minor_version: request.version.unwrap_or_default(),
            headers: request.headers.iter().map(|header| (header.name.to_owned(), text(header.value))).collect(),
        };
        Parsed::Done((parsed, length))
    }

    /// The path, without query.
    pub(super) fn path(&self) -> &str {
        self.target.split(['?', '#']).next().unwrap_or_default()
    }

    /// The first header of this name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(has, _)| has.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// The members of every comma-separated header of this name (RFC 9110, section 5.6.1).
    pub(super) fn list<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(has, _)| has.eq_ignore_ascii_case(name))
            .flat_map(|(_, value)| value.split(','))
            .map(str::trim)
            .filter(|member| !member.is_empty())
    }

    /// Whether the connection may carry another request after this one.
    pub(super) fn may_go_on(&self) -> bool {
        let has_body = self.header("transfer-encoding").is_some()
            || self.header("content-length").is_some_and(|length| length != "0");
        let closes = self.list("connection").any(|option| option.eq_ignore_ascii_case("close"));
        // The response to HEAD carries a body here, which only the end of the connection keeps from being misread.
        self.minor_version >= 1 && self.method != "HEAD" && !has_body && !closes
    }
}

/// A response with `Content-Length` and `Date`, unless they are given.
pub(super) fn response(status: u16, headers: &[(String, String)], body: &str) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} {}\r\n", reason(status));
    let length = body.len().to_string();
    let by_itself = [("Content-Length", length), ("Date", httpdate::fmt_http_date(probe::now()))];
    for (name, value) in by_itself {
        if !headers.iter().any(|(has, _)| has.eq_ignore_ascii_case(name)) {
            head += &format!("{name}: {value}\r\n");
        }
    }
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += "\r\n";
    let mut bytes = head.into_bytes();
    // Neither an upgrade nor 204 and 304 has a body (RFC 9112, section 6.3).
    if !matches!(status, 100..200 | 204 | 304) {
        bytes.extend(body.as_bytes());
    }
    bytes
}

fn reason(status: u16) -> &'static str {
    match status {
        101 => "Switching Protocols",
        200 => "OK",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        307 => "Temporary Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        407 => "Proxy Authentication Required",
        426 => "Upgrade Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Status",
    }
}

/// Reads `bytes` as a client's request; gives it where it is whole.
#[cfg(fuzzing)]
pub(super) fn read(bytes: &[u8]) -> Option<Request> {
    let whole = Request::parse(bytes);
    // A request that is whole stays the same, whatever follows it.
    match Request::parse(&bytes[..bytes.len() / 2]) {
        Parsed::Incomplete => {}
        settled => assert_eq!(settled, whole),
    }
    let Parsed::Done((request, length)) = whole else { return None };
    assert!(length <= bytes.len() && request.headers.len() <= MAX_HEADERS);
    let _ = (request.path(), request.may_go_on());
    Some(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_byte_by_byte() {
        let whole = b"GET /a?b=c HTTP/1.1\r\nConnection: keep-alive, Upgrade\r\nconnection: X\r\n\r\nrest";
        for length in 0..whole.len() - 4 {
            assert_eq!(Request::parse(&whole[..length]), Parsed::Incomplete, "{length}");
        }
        let Parsed::Done((request, length)) = Request::parse(whole) else { panic!("complete") };
        assert_eq!((&whole[length..], request.path()), (&b"rest"[..], "/a"));
        assert_eq!(request.list("Connection").collect::<Vec<_>>(), ["keep-alive", "Upgrade", "X"]);
        assert!(request.may_go_on());
    }

    #[test]
    fn a_head_without_end_is_given_up() {
        let mut endless = b"GET / HTTP/1.1\r\nX: ".to_vec();
        endless.resize(MAX_HEAD_LEN, b'a');
        assert_eq!(Request::parse(&endless), Parsed::Mismatch);
        assert_eq!(Request::parse(b"\x16\x03\x01"), Parsed::Mismatch);
    }
}
