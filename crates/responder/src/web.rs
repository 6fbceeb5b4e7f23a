//! Port 443: requests are refused with 401, upgrades are taken.

use std::io;

use super::{Answer, Behaviour, WsPath, http::Request, misbehave, refusal::refusal, stream::Stream, upgrade};
use crate::wire::Parsed;

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
