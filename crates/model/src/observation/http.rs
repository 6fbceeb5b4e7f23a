//! An HTTP answer, reduced to evidence.

use serde::{Deserialize, Serialize};

use crate::hub::{KINDS, ResponseSignature};

/// The headers that identify the responder, besides the `response_signatures` of each kind of hub. Others, such as
/// cookies, can hold secrets of the site.
const KEPT: &[&str] = &[
    "connection",
    "content-length",
    "content-type",
    "date",
    "location",
    "proxy-authenticate",
    "retry-after",
    "sec-websocket-accept",
    "sec-websocket-protocol",
    "sec-websocket-version",
    "server",
    "transfer-encoding",
    "upgrade",
    "via",
    "www-authenticate",
    "x-cache",
    "x-ms-request-id",
];

/// An HTTP/1.x response. Only headers that identify the responder are kept: others can hold secrets of the site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpResponse {
    /// The minor version: 0 or 1.
    pub minor_version: u8,
    /// The status code.
    pub status: u16,
    /// The reason phrase as sent.
    pub reason: String,
    /// Name (lower case) and value of the headers kept, in the peer's order.
    pub headers: Vec<(String, String)>,
    /// The start of the body as text; empty if none of it came with the headers or soon after.
    pub body_start: String,
}

impl HttpResponse {
    /// Whether a header of this name, in lower case, is kept: it identifies the responder or a product.
    pub fn keeps(name: &str) -> bool {
        let is_a_mark = |mark: &ResponseSignature| matches!(mark, ResponseSignature::Header(has) if *has == name);
        KEPT.contains(&name) || KINDS.iter().flat_map(|facts| facts.response_signatures).any(is_a_mark)
    }

    /// The first value of a header, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(has, _)| has == name).map(|(_, value)| value.as_str())
    }
}
