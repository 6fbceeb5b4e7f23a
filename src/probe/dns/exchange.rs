//! One question to one server, in datagrams or in a stream.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
    time::timeout,
};

use super::message;
use crate::{
    observation::{DnsAnswer, DnsQuery, DnsRecord, DnsTransport, millis},
    probe::{
        random,
        run::{Overrun, Run},
    },
};

/// How long each datagram is waited for before the next: together they outlast a link that loses one in ten.
const PATIENCE: [Duration; 3] = [Duration::from_millis(600), Duration::from_millis(700), Duration::from_millis(900)];
/// How long a stream may take.
const STREAM: Duration = Duration::from_millis(1800);
/// So many datagrams that are no answer to the question are passed over: late answers to others are few.
const MOST_STRANGERS: u32 = 32;
/// The largest datagram that is read; without EDNS servers send no more than 512 bytes.
const LARGEST_DATAGRAM: usize = 4096;

/// Asks `server` for one record type of `name`.
pub(super) async fn ask(
    run: &Run,
    server: SocketAddr,
    transport: DnsTransport,
    name: &str,
    record: DnsRecord,
) -> DnsQuery {
    let began = Instant::now();
    let id = u16::from_ne_bytes(random::bytes());
    let answer = match (message::question(id, name, record), transport) {
        (None, _) => DnsAnswer::Malformed,
        (Some(question), DnsTransport::Udp) => {
            let read = |bytes: &[u8]| message::answer(bytes, id, name, record);
            settled(run.within(PATIENCE.iter().sum(), datagrams(server, &question, read)).await)
        }
        (Some(question), DnsTransport::Tcp) => {
            let stream = stream(server, &question);
            match run.within(STREAM, stream).await {
                Ok(Ok(bytes)) => message::answer(&bytes, id, name, record).unwrap_or(DnsAnswer::Malformed),
                Ok(Err(error)) => settled(Ok(Err(error))),
                Err(overrun) => settled(Err(overrun)),
            }
        }
    };
    DnsQuery { server, transport, name: name.to_owned(), record, duration_ms: millis(began.elapsed()), answer }
}

fn settled(outcome: Result<io::Result<DnsAnswer>, Overrun>) -> DnsAnswer {
    match outcome {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => DnsAnswer::Silent,
        Ok(Err(error)) => DnsAnswer::Unreachable { message: error.to_string() },
        Err(Overrun::Stage) => DnsAnswer::Silent,
        Err(Overrun::Run) => DnsAnswer::Cancelled,
    }
}

/// Sends the question until an answer to it comes. Its random port and id keep strangers from answering; a server that floods
/// it with something else gives no answer.
async fn datagrams(
    server: SocketAddr,
    question: &[u8],
    read: impl Fn(&[u8]) -> Option<DnsAnswer>,
) -> io::Result<DnsAnswer> {
    let any =
        if server.is_ipv4() { SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)) } else { (Ipv6Addr::UNSPECIFIED, 0).into() };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(server).await?;
    let mut buffer = [0; LARGEST_DATAGRAM];
    let mut strangers = 0;
    for patience in PATIENCE {
        socket.send(question).await?;
        let awaited = timeout(patience, async {
            loop {
                let length = socket.recv(&mut buffer).await?;
                if let Some(answer) = read(&buffer[..length]) {
                    return io::Result::Ok(answer);
                }
                strangers += 1;
                if strangers > MOST_STRANGERS {
                    return Ok(DnsAnswer::Malformed);
                }
            }
        });
        if let Ok(answer) = awaited.await {
            return answer;
        }
    }
    Ok(DnsAnswer::Silent)
}

/// One message each way, with its length before it (RFC 1035, section 4.2.2).
async fn stream(server: SocketAddr, question: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(question.len()).map_err(io::Error::other)?;
    let framed: Vec<u8> = length.to_be_bytes().into_iter().chain(question.iter().copied()).collect();
    stream.write_all(&framed).await?;
    let mut answer = vec![0; usize::from(stream.read_u16().await?)];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}
