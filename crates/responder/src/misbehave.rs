//! Conversations in MQTT and AMQP, and every way to spoil one.

use std::{io, time::Duration};

use tokio::{io::AsyncWriteExt, net::TcpStream, time::sleep};

use super::{
    Answer, Behaviour, Session, http,
    stream::{Stream, within},
};

/// Between two bytes of a drip: often enough to keep a client waiting, too slow to get anywhere.
const DRIP_INTERVAL: Duration = Duration::from_millis(500);
/// The size of the pieces of a flood.
const FLOOD_CHUNK: usize = 16 * 1024;

/// Speaks `session`'s protocol to the end, unless `answer` spoils it at the peer's first words.
pub(super) async fn converse(
    mut stream: Stream,
    session: Session,
    answer: &Answer,
    behaviour: &Behaviour,
) -> io::Result<()> {
    let mut session = match answer {
        Answer::ConnackCode(code) => session.with_connack_code(*code),
        _ => session,
    };
    let mut received = Vec::new();
    while stream.receive(&mut received).await? {
        if behaviour.is_too_long(received.len()) {
            break;
        }
        if !matches!(answer, Answer::Proper | Answer::ConnackCode(_)) {
            let (start, filler) = session.endless();
            return spoil(stream, answer, start, filler).await;
        }
        let reply = session.receive(&received);
        received.clear();
        if !reply.bytes.is_empty() {
            tracing::info!(protocol = session.protocol(), done = reply.done, "answered");
        }
        stream.send(&reply.bytes).await?;
        if reply.done {
            break;
        }
    }
    stream.close().await;
    Ok(())
}

/// Answers as `answer` says; a drip or a flood begins with `start` and goes on with `filler`, if with anything.
pub(super) async fn spoil(mut stream: Stream, answer: &Answer, start: &[u8], filler: Option<u8>) -> io::Result<()> {
    match answer {
        Answer::Proper | Answer::ConnackCode(_) | Answer::CloseNotify => stream.close().await,
        Answer::Silent => stream.wait_silently().await,
        Answer::Fin => stream.fin().await,
        Answer::Reset => stream.reset(),
        Answer::Bytes(bytes) => {
            stream.send(bytes).await?;
            stream.close().await;
        }
        Answer::Drip => return drip(stream, start, filler).await,
        Answer::Flood => return flood(stream, start, filler.unwrap_or(b'A')).await,
        Answer::Http { status, headers, body } => {
            stream.send(&http::response(*status, headers, body)).await?;
            stream.close().await;
        }
    }
    Ok(())
}

/// Sends `start` and then `filler` a byte at a time until the peer goes; without a filler it falls silent.
pub(super) async fn drip(mut stream: Stream, start: &[u8], filler: Option<u8>) -> io::Result<()> {
    for byte in start {
        stream.send(&[*byte]).await?;
        sleep(DRIP_INTERVAL).await;
    }
    let Some(filler) = filler else {
        stream.wait_silently().await;
        return Ok(());
    };
    loop {
        stream.send(&[filler]).await?;
        sleep(DRIP_INTERVAL).await;
    }
}

/// Sends `start` and then `filler` as fast as it goes until the peer does.
pub(super) async fn flood(mut stream: Stream, start: &[u8], filler: u8) -> io::Result<()> {
    stream.send(start).await?;
    let piece = vec![filler; FLOOD_CHUNK];
    loop {
        stream.send(&piece).await?;
    }
}

/// Drips the beginning of a TLS handshake record that is never complete.
pub(super) async fn drip_tcp(mut tcp: TcpStream) -> io::Result<()> {
    // A record of 16,384 bytes that holds a ServerHello (RFC 8446, sections 4 and 5.1).
    for byte in [0x16, 3, 3, 0x40, 0, 2, 0, 0x3f, 0xfc, 3, 3].into_iter().chain(std::iter::repeat(0)) {
        tcp.write_all(&[byte]).await?;
        sleep(DRIP_INTERVAL).await;
    }
    Ok(())
}

/// Floods with bytes that are no TLS.
pub(super) async fn flood_tcp(mut tcp: TcpStream, idle: Duration) -> io::Result<()> {
    let piece = vec![b'A'; FLOOD_CHUNK];
    loop {
        within(idle, tcp.write_all(&piece)).await?;
    }
}
