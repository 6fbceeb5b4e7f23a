//! Reading one HTTP answer, bounded in size; the caller bounds the time.

use std::time::Duration;

use super::transport::Transport;
use crate::{
    hub::HubHost,
    observation::{Ending, FirstBytes, HttpResponse},
    wire::{
        Parsed,
        http::{self, MAX_HEAD_LEN},
    },
};

pub(crate) use crate::wire::http::USER_AGENT;

/// Limits the wait for the start of a body after the headers. Optional evidence: the headers already decide.
const BODY_TIMEOUT: Duration = Duration::from_secs(1);

/// The `Host` header (RFC 9110, section 7.2): the port only where it is not the standard one.
pub(crate) fn host_header(host: &HubHost, port: u16) -> String {
    let host = host.in_url();
    if port == 443 { host } else { format!("{host}:{port}") }
}

/// Why there is no answer.
pub(crate) enum NoResponse {
    NotHttp(FirstBytes),
    TooLarge(FirstBytes),
    Ended(Ending),
}

/// Reads a status line and headers into `buffer`; the bytes after them stay in it.
pub(crate) async fn head(transport: &mut Transport, buffer: &mut Vec<u8>) -> Result<HttpResponse, NoResponse> {
    let (head, length) = head_in(transport, buffer).await?;
    buffer.drain(..length);
    Ok(head)
}

/// Reads a status line and headers into `buffer`, and leaves them there: gives where they end.
pub(super) async fn head_in(
    transport: &mut Transport,
    buffer: &mut Vec<u8>,
) -> Result<(HttpResponse, usize), NoResponse> {
    let mut passed = 0;
    loop {
        // Interim answers are parsed once, however many receives they come in.
        passed += http::interim_heads(&buffer[passed..]);
        match http::response_head(&buffer[passed..]) {
            Parsed::Done((head, length)) => return Ok((head, passed + length)),
            Parsed::Mismatch => return Err(NoResponse::NotHttp(FirstBytes::of(buffer))),
            Parsed::Incomplete if buffer.len() > MAX_HEAD_LEN => {
                return Err(NoResponse::TooLarge(FirstBytes::of(buffer)));
            }
            Parsed::Incomplete => transport.receive(buffer).await.map_err(NoResponse::Ended)?,
        }
    }
}

/// Reads how the body begins, as far as it comes soon; its absence takes nothing from the answer.
pub(crate) async fn body_start(transport: &mut Transport, head: &HttpResponse, buffer: &mut Vec<u8>) -> String {
    let wanted = http::body_wanted(head);
    let _ = tokio::time::timeout(BODY_TIMEOUT, async {
        while buffer.len() < wanted && transport.receive(buffer).await.is_ok() {}
    })
    .await;
    http::body_start(buffer)
}
