//! Port 443: requests are refused with 401, upgrades are taken.

use std::io;

use super::{
    Answer, Behaviour, WsPath,
    http::{self, Request},
    misbehave,
    stream::Stream,
    upgrade,
};
use crate::{observation::hex, wire::Parsed};

/// How often one connection is answered.
const MAX_REQUESTS: usize = 100;

/// Serves requests until one is an upgrade, the peer goes, or something is wrong.
pub(super) async fn serve(mut stream: Stream, behaviour: &Behaviour, ws_path: &WsPath) -> io::Result<()> {
    let mut buffer = Vec::new();
    for _ in 0..MAX_REQUESTS {
        let request = match next(&mut stream, &mut buffer, behaviour).await? {
            Next::Request(request) => request,
            Next::TooLong => {
                stream.send(&refusal(431, "HeadersTooLong", "request header fields too large")).await?;
                break;
            }
            Next::End => break,
            Next::Wrong => {
                stream.send(&refusal(400, "BadRequest", "not a request")).await?;
                break;
            }
        };
        // The query may hold a token.
        tracing::info!(method = request.method, path = request.path(), "request");
        if upgrade::is_meant(&request, ws_path) {
            return upgrade::serve(stream, &request, buffer, behaviour, ws_path).await;
        }
        match &behaviour.https {
            Answer::Proper | Answer::ConnackCode(_) => stream.send(&unauthorized()).await?,
            answer => {
                let start = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n";
                return misbehave::spoil(stream, answer, start, Some(b'A')).await;
            }
        }
        if !request.may_go_on() {
            break;
        }
    }
    stream.close().await;
    Ok(())
}

enum Next {
    Request(Request),
    TooLong,
    End,
    Wrong,
}

async fn next(stream: &mut Stream, buffer: &mut Vec<u8>, behaviour: &Behaviour) -> io::Result<Next> {
    loop {
        if behaviour.is_too_long(buffer.len()) {
            return Ok(Next::TooLong);
        }
        match Request::parse(buffer) {
            Parsed::Done((request, length)) => {
                buffer.drain(..length);
                return Ok(Next::Request(request));
            }
            Parsed::Mismatch => return Ok(Next::Wrong),
            Parsed::Incomplete => {}
        }
        if !stream.receive(buffer).await? {
            return Ok(Next::End);
        }
    }
}

fn unauthorized() -> Vec<u8> {
    refusal(401, "IotHubUnauthorizedAccess", "Unauthorized")
}

/// A refusal in the words of the real hub.
pub(super) fn refusal(status: u16, code: &str, message: &str) -> Vec<u8> {
    let mut id = [0; 16];
    // Not a secret: without randomness, zeroes will do.
    let _ = aws_lc_rs::rand::fill(&mut id);
    let id = hex(&id);
    let body = serde_json::json!({
        "Message": format!("ErrorCode:{code};{message}"),
        "ExceptionMessage": format!("Tracking ID:{id}"),
    });
    let headers = [
        ("Content-Type", "application/json; charset=utf-8"),
        ("Server", "hubreach"),
        ("iothub-errorcode", code),
        ("x-ms-request-id", &id),
    ];
    http::response(status, &headers.map(|(name, value)| (name.to_owned(), value.to_owned())), &body.to_string())
}
