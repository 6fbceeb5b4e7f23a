//! Where on the path the hub's name is filtered: hellos that may take only so many hops, with its name and with another.
//! The limit is set once the connection stands, and stays until it is closed: a repetition with more would get through, and
//! its answer be placed wrongly.

use std::{
    collections::BTreeSet,
    io,
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use socket2::SockRef;
use tokio::{io::Interest, net::TcpStream, time::timeout};

use super::{
    Experiment,
    hello::{Hello, NEUTRAL, is_server_hello},
    view::View,
};
use crate::{
    observation::{Answer, HelloPath, HelloProbe, HelloTrace, HelloTrial, Hellos, HopAnswer, kind, millis},
    probe::{
        Bench, connect, os,
        path::{FURTHEST, Survey, Until, patience},
    },
};

const BUDGET: Duration = Duration::from_millis(3500);
/// A record's header and the type of the message in it (RFC 8446, sections 4 and 5.1).
const BEGINNING: usize = 6;
/// Between two hellos of which one is to be the other's witness.
const A_MOMENT: Duration = Duration::from_millis(20);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    peer: SocketAddr,
}

impl Experiment for Plan {
    type Facts = HelloPath;

    fn wanted(view: View<'_>) -> impl Iterator<Item = Self> {
        let compared =
            view.situation.experiments.iter().filter_map(|experiment| experiment.facts::<kind::ServerName>());
        let filtered = compared.filter(|hellos| is_filtered_by_name(hellos) && !hellos.address.is_loopback());
        filtered.map(|hellos| Self { peer: SocketAddr::new(hellos.address, hellos.port) })
    }

    async fn perform(&self, bench: &Bench<'_>) -> Option<HelloPath> {
        if !os::TRACES_PATHS {
            return None;
        }
        let roots = bench.board.roots()?;
        let usual = Hello::usual(bench);
        let (began, peer) = (Instant::now(), self.peer);
        let patience = patience(round_trip(bench, peer.ip()));
        let hellos = |name: &str| {
            let hello = Hello { name: Some(name), ..usual }.first_flight(&roots).ok()?;
            let trace = HelloTrace { server_name: name.to_owned(), probes: Vec::new() };
            Some(Sender { peer, patience, began, hello, trace })
        };
        let (mut own, mut other) = (hellos(usual.name?)?, hellos(NEUTRAL)?);
        let mut survey = Survey::new(peer, patience, began);
        // What was seen until the time is up counts.
        let _ = bench.run.within(BUDGET, compare(&mut survey, &mut own, &mut other)).await;
        Some(HelloPath { path: survey.into_trace(), own: own.trace, other: other.trace })
    }
}

/// Whether another name is always answered, and the hub's never.
fn is_filtered_by_name(hellos: &Hellos) -> bool {
    let answered = |trial: &HelloTrial| matches!(trial.answer, Answer::ServerHello { .. });
    let named = || hellos.trials.iter().filter(|trial| trial.server_name.is_some());
    let (other, own): (Vec<_>, Vec<_>) = named().partition(|trial| trial.server_name.as_deref() == Some(NEUTRAL));
    !own.is_empty() && !other.is_empty() && other.into_iter().all(answered) && !own.into_iter().any(answered)
}

fn round_trip(bench: &Bench<'_>, address: IpAddr) -> Option<Duration> {
    let climbs = bench.board.situation().climbs;
    let connected = climbs.iter().filter(|climb| climb.attempt.address == address && climb.attempt.connect.is_ok());
    let millis = connected.filter_map(|climb| climb.attempt.connect.duration_ms()).min_by(f64::total_cmp)?;
    Duration::try_from_secs_f64(millis / 1000.0).ok()
}

/// The other name comes first and last: its answers show that those to the hub's own could have come too.
async fn compare(survey: &mut Survey, own: &mut Sender, other: &mut Sender) {
    survey.explore(1, Until::Answer).await;
    let Some(hub) = survey.arrival() else { return };
    survey.again(2, 1..=hub).await;
    tokio::join!(other.send(1, (1..=hub).collect()), later(own.send(1, (1..=hub).collect())));
    // Once more around where they part.
    let parting = own.end();
    let own_again = BTreeSet::from([parting.saturating_sub(1), parting, parting.saturating_add(1)]);
    let other_again = BTreeSet::from([parting, parting.saturating_add(1), hub]);
    let within = |ttls: BTreeSet<u8>| ttls.into_iter().filter(|ttl| (1..=hub).contains(ttl)).collect();
    tokio::join!(own.send(2, within(own_again)), later(other.send(2, within(other_again))));
}

async fn later(work: impl Future<Output = ()>) {
    tokio::time::sleep(A_MOMENT).await;
    work.await;
}

/// Hellos with one name.
struct Sender {
    peer: SocketAddr,
    patience: Duration,
    began: Instant,
    hello: Vec<u8>,
    trace: HelloTrace,
}

impl Sender {
    /// One for each of `ttls`, all at once.
    async fn send(&mut self, flow: u8, ttls: Vec<u8>) {
        let Self { peer, patience, began, hello, .. } = self;
        let probes = join_all(ttls.into_iter().map(|ttl| probe(*peer, hello, ttl, flow, *patience, *began))).await;
        self.trace.probes.extend(probes);
    }

    /// The first hop at which something refused one, else the one behind the last at which the hops of one ran out.
    fn end(&self) -> u8 {
        let got = |answer| self.trace.probes.iter().filter(move |probe| probe.answer == answer).map(|probe| probe.ttl);
        let ran_out = got(HopAnswer::TimeExceeded).max().unwrap_or_default();
        got(HopAnswer::Refused).min().unwrap_or(ran_out.saturating_add(1))
    }
}

async fn probe(peer: SocketAddr, hello: &[u8], ttl: u8, flow: u8, patience: Duration, began: Instant) -> HelloProbe {
    let stream = timeout(patience, connect::dial(peer, None)).await;
    let sent_ms = millis(began.elapsed());
    let answer = match stream {
        Ok(Ok(stream)) => {
            let answer = say(&stream, peer.ip(), hello, ttl, patience).await.unwrap_or(HopAnswer::NotSent);
            reset(&stream, peer.ip());
            answer
        }
        _ => HopAnswer::NotSent,
    };
    HelloProbe { ttl, flow, sent_ms, answer }
}

async fn say(stream: &TcpStream, peer: IpAddr, hello: &[u8], ttl: u8, patience: Duration) -> io::Result<HopAnswer> {
    let socket = SockRef::from(stream);
    os::hear_icmp(&socket, peer);
    os::limit_hops(&socket, peer, ttl)?;
    // A fresh connection has room for a hello.
    stream.try_write(hello)?;
    let heard = timeout(patience, hear(stream)).await;
    Ok(match heard {
        Ok(Ok(begins)) if is_server_hello(&begins) => HopAnswer::ServerHello,
        Ok(Ok(_)) => HopAnswer::Refused,
        Ok(Err(error)) => by_error(&error),
        // An ICMP error that arrives while the system is busy with the connection wakes nobody up.
        Err(_) => stream.take_error()?.map_or(HopAnswer::Silent, |error| by_error(&error)),
    })
}

/// How the answer begins.
async fn hear(stream: &TcpStream) -> io::Result<Vec<u8>> {
    let (mut heard, mut chunk) = (Vec::new(), [0; BEGINNING]);
    while heard.len() < BEGINNING {
        // Errors alone make a connection neither readable nor closed.
        let ready = stream.ready(Interest::READABLE | Interest::ERROR).await?;
        match stream.try_read(&mut chunk) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(length) => heard.extend(&chunk[..length]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                if let Some(error) = stream.take_error()?.filter(|_| ready.is_error()) {
                    return Err(error);
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(heard)
}

/// Which router said so, an established connection is not told.
fn by_error(error: &io::Error) -> HopAnswer {
    match error.kind() {
        io::ErrorKind::HostUnreachable => HopAnswer::TimeExceeded,
        _ => HopAnswer::Refused,
    }
}

/// Ends a connection by a RST that may take all the hops it needs; nothing that was limited is sent again after it.
fn reset(stream: &TcpStream, peer: IpAddr) {
    let socket = SockRef::from(stream);
    let _ = socket.set_linger(Some(Duration::ZERO));
    let _ = os::limit_hops(&socket, peer, FURTHEST);
}
