//! HTTP/1.x answers (RFC 9112), of which the evidence is kept and nothing is lost on a parse error.

use super::Parsed;
use crate::{hub::redacted_page, observation::HttpResponse};

/// How the requests name this program.
pub(crate) const USER_AGENT: &str = concat!("hubreach/", env!("CARGO_PKG_VERSION"));

/// The longest header block that is read.
pub const MAX_HEAD_LEN: usize = 64 * 1024;
/// How much of a body is kept, in bytes.
pub const BODY_KEPT: usize = 2048;

/// The longest header value that is kept, in bytes.
const VALUE_KEPT: usize = 512;
/// More headers than any real hub sends.
const MAX_HEADERS: usize = 256;

/// Reads a response's status line and headers from the start of `bytes`; gives them (without body) and their length.
/// Interim answers are passed over.
pub fn response_head(bytes: &[u8]) -> Parsed<(HttpResponse, usize)> {
    let passed = interim_heads(bytes);
    final_head(&bytes[passed..]).map(|(head, length)| (head, passed + length))
}

/// The length of the complete interim answers that `bytes` begin with: 1xx other than 101 (RFC 9110, section 15.2). Nothing of
/// them is kept, so that a peer that sends many costs no more than their parsing.
pub fn interim_heads(bytes: &[u8]) -> usize {
    let mut passed = 0;
    while let Some(length) = interim_head(&bytes[passed..]) {
        passed += length;
    }
    passed
}

fn interim_head(bytes: &[u8]) -> Option<usize> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    match parsed(bytes, &mut headers) {
        Parsed::Done((head, length)) => {
            head.code.is_some_and(|status| (100..200).contains(&status) && status != 101).then_some(length)
        }
        Parsed::Incomplete | Parsed::Mismatch => None,
    }
}

fn parsed<'b, 'h>(
    bytes: &'b [u8],
    headers: &'h mut [httparse::Header<'b>],
) -> Parsed<(httparse::Response<'h, 'b>, usize)> {
    const START: &[u8] = b"HTTP/1.";
    if bytes.iter().zip(START).any(|(has, wanted)| has != wanted) {
        return Parsed::Mismatch;
    }
    let mut response = httparse::Response::new(headers);
    match response.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => Parsed::Done((response, length)),
        Ok(httparse::Status::Partial) => Parsed::Incomplete,
        Err(_) => Parsed::Mismatch,
    }
}

fn final_head(bytes: &[u8]) -> Parsed<(HttpResponse, usize)> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let (response, length) = match parsed(bytes, &mut headers) {
        Parsed::Done(done) => done,
        Parsed::Incomplete => return Parsed::Incomplete,
        Parsed::Mismatch => return Parsed::Mismatch,
    };
    let (Some(minor_version), Some(status)) = (response.version, response.code) else {
        return Parsed::Mismatch;
    };
    let reason = clipped(response.reason.unwrap_or_default().as_bytes());
    let headers = response.headers.iter().filter_map(|header| {
        let name = header.name.to_ascii_lowercase();
        HttpResponse::keeps(&name).then(|| {
            let value = if name == "location" { location(header.value) } else { clipped(header.value) };
            (name, value)
        })
    });
    let head = HttpResponse { minor_version, status, reason, headers: headers.collect(), body_start: String::new() };
    Parsed::Done((head, length))
}

/// How many bytes of the body are worth waiting for, as far as the headers tell.
pub fn body_wanted(head: &HttpResponse) -> usize {
    match head.header("content-length").map(str::parse::<usize>) {
        Some(Ok(length)) => length.min(BODY_KEPT),
        _ => BODY_KEPT,
    }
}

/// Text of what a peer sent, without credentials; whatever is not UTF-8 becomes U+FFFD.
fn clipped(value: &[u8]) -> String {
    redacted_page(&String::from_utf8_lossy(&value[..value.len().min(VALUE_KEPT)])).into_owned()
}

/// Where a redirect leads, without what may name the session or the user: query, fragment, parameters, user, and parts of the
/// path that read like tokens.
fn location(value: &[u8]) -> String {
    let end = value.iter().position(|byte| matches!(byte, b'?' | b'#' | b';')).unwrap_or(value.len());
    let parts = clipped(&value[..end]);
    let parts: Vec<&str> = parts.split('/').map(|part| if is_token(part) { "(not shown)" } else { part }).collect();
    parts.join("/")
}

/// Long, and of letters and digits in no order that a word or a number has.
fn is_token(part: &str) -> bool {
    let is_mixed =
        part.bytes().any(|byte| byte.is_ascii_digit()) && part.bytes().any(|byte| byte.is_ascii_alphabetic());
    part.len() >= 16 && is_mixed && !part.contains('.')
}

/// How a body begins, without credentials and what forms send unseen.
pub fn body_start(bytes: &[u8]) -> String {
    redacted_page(&String::from_utf8_lossy(&bytes[..bytes.len().min(BODY_KEPT)])).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_headers_that_tell_who_answered_are_kept() {
        let answer = b"HTTP/1.1 401 Unauthorized\r\nDate: x\r\nSet-Cookie: secret\r\nIoTHub-ErrorCode: Y\r\n\
            Location: http://us:secret@portal/login/secret0123456789a;jsessionid=secret\r\n\
            WWW-Authenticate: Negotiate secretsecretsecret1=\r\n\r\nbody";
        let Parsed::Done((head, length)) = response_head(answer) else { panic!("complete") };
        assert_eq!((head.status, &answer[length..]), (401, &b"body"[..]));
        assert_eq!(head.header("iothub-errorcode"), Some("Y"));
        assert_eq!(head.header("location"), Some("http://(not shown)@portal/login/(not shown)"));
        assert_eq!(head.header("www-authenticate"), Some("Negotiate (not shown)"));
        assert!(!format!("{head:?}").contains("secret"));
    }

    #[test]
    fn an_interim_answer_is_passed_over() {
        let answer = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n";
        let Parsed::Done((head, length)) = response_head(answer) else { panic!("complete") };
        assert_eq!((head.status, length), (200, answer.len()));
        assert_eq!(response_head(&answer[..30]), Parsed::Incomplete);
        assert_eq!((interim_heads(answer), interim_heads(&answer[..20])), (25, 0));
        assert_eq!(interim_heads(b"HTTP/1.1 101 Switching Protocols\r\n\r\n"), 0);
    }

    #[test]
    fn what_is_not_http_is_noticed_at_its_first_wrong_byte() {
        for wrong in [&b"S"[..], b"HTTP/2 ", b"HTTX", b"HTTP/1.1 abc "] {
            assert_eq!(response_head(wrong), Parsed::Mismatch, "{wrong:?}");
        }
        assert_eq!(response_head(b"HTT"), Parsed::Incomplete);
    }
}
