//! One question to one server, in datagrams or in a stream.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::{Duration, Instant},
};

use socket2::{Domain, Socket, Type};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
    time::timeout,
};

use super::message::Question;
use crate::{
    net::{
        os, random,
        run_control::{RunControl, Timeout},
    },
    observation::{DnsAnswer, DnsQuery, DnsTransport, millis},
};

/// How long each datagram is waited for before the next: together they outlast a link that loses one in ten.
pub(super) const UDP_QUERY_TIMEOUTS: [Duration; 3] =
    [Duration::from_millis(600), Duration::from_millis(700), Duration::from_millis(900)];
/// Limits a query over TCP: time for a second SYN, and a round trip for the answer.
pub(super) const TCP_QUERY_TIMEOUT: Duration = Duration::from_millis(1800);
/// This many datagrams that do not answer the question are skipped: late answers to other questions are few.
const MAX_STRANGERS: u32 = 32;
/// The largest datagram that is read: more than is ever offered to be taken.
const MAX_DATAGRAM_SIZE: usize = 4096;

/// Asks `server`, in one datagram for each of `waits`; a late answer counts until `over`.
pub(super) async fn ask_udp(
    control: &RunControl,
    server: SocketAddr,
    question: &Question,
    waits: &[Duration],
    over: impl Future<Output = ()>,
) -> DnsQuery {
    let exchange = async |id: u16, bytes: &[u8]| {
        let read = |answer: &[u8]| question.answer(id, answer);
        // It ends by itself when the last datagram has been waited for.
        control
            .within(
                (waits.iter().sum::<Duration>() + TCP_QUERY_TIMEOUT) * 2,
                datagrams(server, bytes, (waits, over), read),
            )
            .await
    };
    ask(server, DnsTransport::Udp, question, exchange).await
}

/// Asks `server` in a stream.
pub(super) async fn ask_tcp(control: &RunControl, server: SocketAddr, question: &Question) -> DnsQuery {
    let exchange = async |id: u16, bytes: &[u8]| {
        let answer = control.within(TCP_QUERY_TIMEOUT, stream(server, bytes)).await?;
        Ok(answer.map(|answer| question.answer(id, &answer).unwrap_or(DnsAnswer::Malformed)))
    };
    ask(server, DnsTransport::Tcp, question, exchange).await
}

async fn ask(
    server: SocketAddr,
    transport: DnsTransport,
    question: &Question,
    exchange: impl AsyncFnOnce(u16, &[u8]) -> Result<io::Result<DnsAnswer>, Timeout>,
) -> DnsQuery {
    let began = Instant::now();
    let id = u16::from_ne_bytes(random::bytes());
    let answer = match question.to_bytes(id) {
        Some(bytes) => settled(exchange(id, &bytes).await),
        None => DnsAnswer::Malformed,
    };
    DnsQuery {
        server,
        transport,
        name: question.name.clone(),
        record: question.record,
        edns: question.form.has_edns(),
        checking_disabled: question.form.disables_checking(),
        duration_ms: millis(began.elapsed()),
        answer,
    }
}

fn settled(outcome: Result<io::Result<DnsAnswer>, Timeout>) -> DnsAnswer {
    match outcome {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => DnsAnswer::Silent,
        Ok(Err(error)) => DnsAnswer::Unreachable { message: error.to_string(), icmp: None },
        Err(Timeout::Stage) => DnsAnswer::Silent,
        Err(Timeout::Run) => DnsAnswer::Cancelled,
    }
}

/// Sends the question until an answer to it comes, or all is over. Its random port and id keep strangers from answering; a server that floods
/// it with something else gives no answer.
async fn datagrams(
    server: SocketAddr,
    question: &[u8],
    (waits, over): (&[Duration], impl Future<Output = ()>),
    read: impl Fn(&[u8]) -> Option<DnsAnswer>,
) -> io::Result<DnsAnswer> {
    let socket = Datagrams::to(server)?;
    let mut buffer = [0; MAX_DATAGRAM_SIZE];
    let mut strangers = 0;
    let mut elsewhere: Option<IpAddr> = None;
    let mut receive = async || loop {
        let (length, from) = match socket.inner.recv_from(&mut buffer).await {
            Ok(received) => received,
            Err(error) => return socket.rejected(server, &error),
        };
        match read(&buffer[..length]) {
            Some(answer) if is_same(from, server) => return answer,
            Some(DnsAnswer::Answered(_)) => elsewhere = Some(from.ip()),
            _ => {}
        }
        strangers += 1;
        if strangers > MAX_STRANGERS {
            return DnsAnswer::Malformed;
        }
    };
    for wait in waits {
        // An error of an earlier datagram is reported to the next send.
        if let Err(error) = socket.send(question).await {
            return Ok(socket.rejected(server, &error));
        }
        if let Ok(answer) = timeout(*wait, receive()).await {
            return Ok(answer);
        }
    }
    tokio::select! {
        biased;
        answer = receive() => return Ok(answer),
        () = over => {}
    }
    Ok(elsewhere.map_or(DnsAnswer::Silent, |from| DnsAnswer::Elsewhere { from }))
}

/// A socket for one server.
struct Datagrams {
    inner: UdpSocket,
    /// `None` where it is connected.
    server: Option<SocketAddr>,
}

impl Datagrams {
    /// An unconnected socket, which also receives answers from other addresses, if the system reports ICMP errors to
    /// such a socket; else a connected one.
    fn to(server: SocketAddr) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(server), Type::DGRAM, None)?;
        socket.set_nonblocking(true)?;
        let any: SocketAddr = match server.is_ipv4() {
            true => (Ipv4Addr::UNSPECIFIED, 0).into(),
            false => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        socket.bind(&any.into())?;
        let hears_all = os::enable_recverr(&socket, server.ip());
        if !hears_all {
            socket.connect(&server.into())?;
        }
        Ok(Self { inner: UdpSocket::from_std(socket.into())?, server: hears_all.then_some(server) })
    }

    async fn send(&self, question: &[u8]) -> io::Result<usize> {
        match self.server {
            Some(server) => self.inner.send_to(question, server).await,
            None => self.inner.send(question).await,
        }
    }

    /// What an error of the socket says, and who said it.
    fn rejected(&self, server: SocketAddr, error: &io::Error) -> DnsAnswer {
        let icmp = os::icmp_error(&self.inner);
        let icmp = icmp.map(|error| error.recorded(os::source_towards(server.ip()).ok()));
        DnsAnswer::Unreachable { message: error.to_string(), icmp }
    }
}

fn is_same(one: SocketAddr, other: SocketAddr) -> bool {
    // Some systems report the scope of a link-local address, others do not.
    (one.ip(), one.port()) == (other.ip(), other.port())
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
