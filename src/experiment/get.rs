//! One credential-free request, for experiments.

use std::time::Duration;

use crate::{
    observation::HttpResponse,
    probe::{
        response::{self, NoResponse, USER_AGENT, host_header},
        transport::Transport,
    },
    target::HubHost,
};

/// How long a connection, a handshake and an answer may take together.
pub(super) const BUDGET: Duration = Duration::from_secs(3);

/// `GET /`, and its answer.
pub(super) async fn get(transport: &mut Transport, host: &HubHost, port: u16) -> Result<HttpResponse, NoResponse> {
    // In clear, 80 is the port that goes without saying.
    let host = if port == 80 { host_header(host, 443) } else { host_header(host, port) };
    let request = format!(
        "GET / HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {USER_AGENT}\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    );
    transport.send(request.as_bytes()).await;
    let mut buffer = Vec::new();
    let mut response = response::head(transport, &mut buffer).await?;
    response.body_start = response::body_start(transport, &response, &mut buffer).await;
    Ok(response)
}
