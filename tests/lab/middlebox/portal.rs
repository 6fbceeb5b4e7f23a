//! A captive portal: whoever comes is sent to its login page, in clear, whatever the port.

use std::io;

use serde::Deserialize;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// What it answers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Portal {
    status: u16,
    #[serde(default)]
    location: Option<String>,
}

impl Portal {
    pub(super) async fn treat(&self, mut near: TcpStream) -> io::Result<()> {
        let mut request = [0; 4096];
        let _ = near.read(&mut request).await?;
        let location = self.location.as_ref().map(|to| format!("Location: {to}\r\n")).unwrap_or_default();
        let body = "<html><title>Sign in</title></html>";
        let answer = format!(
            "HTTP/1.1 {} Sign in\r\n{location}Content-Type: text/html\r\nContent-Length: {}\r\n\r\n{body}",
            self.status,
            body.len()
        );
        near.write_all(answer.as_bytes()).await?;
        near.shutdown().await
    }
}
