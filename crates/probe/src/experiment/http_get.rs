//! One credential-free request, for experiments.

use std::time::Duration;

use crate::{
    hub::HubHost,
    net::{
        response::{self, NoResponse, USER_AGENT, host_header},
        transport::Transport,
    },
    observation::HttpResponse,
};

/// Limits a connection, its handshake and the answer together.
pub(super) const GET_TIMEOUT: Duration = Duration::from_secs(3);

/// `GET /`, and its answer.
pub(super) async fn get(transport: &mut Transport, host: &HubHost, port: u16) -> Result<HttpResponse, NoResponse> {
    let mut buffer = Vec::new();
    let mut response = request(transport, ("GET", "/"), host, port, &mut buffer).await?;
    response.body_start = response::body_start(transport, &response, &mut buffer).await;
    Ok(response)
}

/// `HEAD` of a path, and its answer.
pub(super) async fn head(
    transport: &mut Transport,
    path: &str,
    host: &HubHost,
    port: u16,
) -> Result<HttpResponse, NoResponse> {
    request(transport, ("HEAD", path), host, port, &mut Vec::new()).await
}

/// The head of the answer; the bytes after it are in `buffer`.
async fn request(
    transport: &mut Transport,
    (method, path): (&str, &str),
    host: &HubHost,
    port: u16,
    buffer: &mut Vec<u8>,
) -> Result<HttpResponse, NoResponse> {
    // In clear, 80 is the port that goes without saying.
    let host = if port == 80 { host_header(host, 443) } else { host_header(host, port) };
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {USER_AGENT}\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    );
    transport.send(request.as_bytes()).await;
    response::head(transport, buffer).await
}
