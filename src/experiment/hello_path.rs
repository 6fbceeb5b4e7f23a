//! Where on the path a filter reads the hub's name: hellos that may take only so many hops, with that name and with another.
//! A hello whose hops run out before the filter is not seen by it.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use socket2::SockRef;
use tokio::{
    io::{AsyncWriteExt, Interest},
    net::TcpStream,
    time::timeout,
};

use super::{
    Trial,
    hello::{Hello, NEUTRAL},
    view::View,
};
use crate::{
    observation::{Answer, HelloPath, HelloProbe, HelloTrial, HopAnswer, Kind},
    probe::{
        Bench, connect, os,
        path::{Survey, Until},
        roots::Roots,
    },
};

/// The longest that the whole takes.
const BUDGET: Duration = Duration::from_secs(4);
/// How long an answer is waited for, beside the connection's own round trip.
const PATIENCE: Duration = Duration::from_millis(600);
/// Before looking again for what made a socket ready.
const A_MOMENT: Duration = Duration::from_millis(5);
/// Each hop is tried so many times.
const FLOWS: u8 = 2;
/// So far a filter is looked for: four connections for each hop.
const FURTHEST: u8 = 20;
/// What a system sends by itself.
const USUAL_HOPS: u8 = 64;

/// Where comparing names has shown a filter.
pub(super) fn wanted(view: View<'_>) -> impl Iterator<Item = Trial> {
    let shown = view.situation.experiments.iter().filter_map(|experiment| experiment.known());
    shown.filter_map(|kind| match kind {
        Kind::ServerName(hellos) if os::TRACES_PATHS && shows_a_filter(&hellos.trials) => {
            Some(Trial::HelloPath(hellos.address, hellos.port))
        }
        _ => None,
    })
}

/// Whether the neutral name alone is answered.
fn shows_a_filter(trials: &[HelloTrial]) -> bool {
    let answered = |trial: &HelloTrial| matches!(trial.answer, Answer::ServerHello { .. });
    let is_neutral = |trial: &&HelloTrial| trial.server_name.as_deref() == Some(NEUTRAL);
    let own = trials.iter().filter(|trial| trial.server_name.is_some() && !is_neutral(trial));
    trials.iter().filter(is_neutral).any(answered) && !own.clone().any(answered) && own.count() > 0
}

pub(super) async fn perform(bench: &Bench<'_>, address: IpAddr, port: u16) -> Option<HelloPath> {
    let roots = bench.board.roots()?;
    let usual = Hello::usual(bench);
    let own = usual.name?;
    let peer = SocketAddr::new(address, port);
    let mut survey = Survey::new(peer, PATIENCE, Instant::now());
    let mut probes = Vec::new();
    let measured = async {
        survey.explore(1, Until::Answer).await;
        let furthest = survey.arrival().unwrap_or(FURTHEST).min(FURTHEST);
        for flow in 1..=FLOWS {
            let names = [own, NEUTRAL].into_iter();
            let hellos = names.flat_map(|name| (1..=furthest).map(move |ttl| (name, ttl)));
            let sent = hellos.map(|(name, ttl)| probe(peer, Hello { name: Some(name), ..usual }, &roots, ttl, flow));
            probes.extend(join_all(sent).await);
        }
    };
    // What was seen until the time is up counts.
    let _ = bench.run.within(BUDGET, measured).await;
    Some(HelloPath { address, port, probes, trace: survey.into_trace() })
}

async fn probe(peer: SocketAddr, hello: Hello<'_>, roots: &Roots, ttl: u8, flow: u8) -> HelloProbe {
    let answer = send(peer, hello, roots, ttl).await.unwrap_or(HopAnswer::NotSent);
    HelloProbe { ttl, flow, server_name: hello.name.map(str::to_owned), answer }
}

async fn send(peer: SocketAddr, hello: Hello<'_>, roots: &Roots, ttl: u8) -> io::Result<HopAnswer> {
    let bytes = hello.bytes(roots).ok_or(io::ErrorKind::InvalidInput)?;
    let mut stream = timeout(PATIENCE * 2, connect::dial(peer, None)).await??;
    // From here on nothing of this connection may go further: the kernel would send the hello again by itself.
    os::limit_hops(&SockRef::from(&stream), peer.ip(), ttl)?;
    os::hear_icmp(&SockRef::from(&stream), peer.ip());
    let mut answer = [0; 64];
    let answered = timeout(PATIENCE, async {
        stream.write_all(&bytes).await?;
        read(&stream, &mut answer).await
    });
    let answer = match answered.await {
        Err(_) => HopAnswer::Silent,
        Ok(Ok(0)) => HopAnswer::Closed,
        Ok(Ok(length)) => kind(&answer[..length]),
        Ok(Err(error)) => match error.kind() {
            io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => HopAnswer::TimeExceeded,
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => HopAnswer::Reset,
            _ => HopAnswer::NotSent,
        },
    };
    // The end must arrive: the peer would wait for more otherwise.
    let socket = SockRef::from(&stream);
    let _ = socket.set_linger(Some(Duration::ZERO));
    let _ = os::limit_hops(&socket, peer.ip(), USUAL_HOPS);
    Ok(answer)
}

/// Reads, or hears of an ICMP error, which makes a socket neither readable nor writable.
async fn read(stream: &TcpStream, answer: &mut [u8]) -> io::Result<usize> {
    loop {
        stream.ready(Interest::READABLE | Interest::ERROR).await?;
        if let Some(error) = stream.take_error()? {
            return Err(error);
        }
        match stream.try_read(answer) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => tokio::time::sleep(A_MOMENT).await,
            read => return read,
        }
    }
}

/// By the first record (RFC 8446, section 5.1): 21 is an alert, 22 a handshake message.
fn kind(bytes: &[u8]) -> HopAnswer {
    match bytes {
        [21, ..] => HopAnswer::Alert,
        _ => HopAnswer::ServerHello,
    }
}
