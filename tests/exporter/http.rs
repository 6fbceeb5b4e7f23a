//! As little of an HTTP client as shows what comes over the wire.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// Longer than any answer takes.
const LIMIT: Duration = Duration::from_secs(30);

/// An answer, taken apart.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    fn parse(text: &str) -> Result<Self, String> {
        let (head, body) = text.split_once("\r\n\r\n").ok_or_else(|| format!("no answer: {text:?}"))?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| format!("no status: {head}"))?;
        Ok(Self { status, head: head.to_ascii_lowercase(), body: body.to_owned() })
    }

    /// The one line of text that a refusal is.
    pub fn line(&self) -> Result<&str, String> {
        let line = self.body.strip_suffix('\n').filter(|line| !line.is_empty() && !line.contains('\n'));
        line.filter(|_| self.head.contains("content-type: text/plain")).ok_or_else(|| format!("no line: {self:?}"))
    }
}

/// Opens a connection and sends `bytes`; the answer is for the caller to read.
pub fn send(to: SocketAddr, bytes: &[u8]) -> Result<TcpStream, String> {
    let mut stream = TcpStream::connect_timeout(&to, LIMIT).map_err(|error| format!("connect: {error}"))?;
    stream.set_read_timeout(Some(LIMIT)).map_err(|error| error.to_string())?;
    stream.set_write_timeout(Some(LIMIT)).map_err(|error| error.to_string())?;
    // Whoever refuses a request may close before all of it was sent; what counts is the answer.
    let _ = stream.write_all(bytes);
    Ok(stream)
}

/// All that comes until the end of the connection.
pub fn receive(mut stream: TcpStream) -> Result<String, String> {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        // A reset after an answer is no matter: what was sent too much is thrown away so.
        Err(error) if bytes.is_empty() => Err(format!("read: {error}")),
        _ => Ok(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

/// Sends `bytes` as they are.
pub fn raw(to: SocketAddr, bytes: &[u8]) -> Result<Answer, String> {
    Answer::parse(&receive(send(to, bytes)?)?)
}

/// The request for `path`, with more headers.
pub fn request(path: &str, headers: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: exporter\r\nConnection: close\r\n{headers}\r\n")
}

pub fn get(to: SocketAddr, path: &str) -> Result<Answer, String> {
    raw(to, request(path, "").as_bytes())
}

/// The answer to a request sent before.
pub fn answer(stream: TcpStream) -> Result<Answer, String> {
    Answer::parse(&receive(stream)?)
}
