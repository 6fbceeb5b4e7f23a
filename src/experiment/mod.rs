//! What to try NEXT: one file an experiment. Each says, from what is known so far, where it would tell two causes apart
//! (a pure decision), and how it is made. They run beside the climbs, under the same deadline; where nothing is wrong,
//! or merely slow, none runs.

mod alpn;
mod clock;
mod frames;
mod get;
mod hello;
mod hello_path;
mod hello_size;
mod issuer;
mod local_drops;
mod path;
mod portal;
mod repeat;
mod segment_size;
mod server_name;
#[cfg(test)]
mod tests;
mod tls_version;
mod view;
mod wildcard;

use std::{
    collections::HashSet,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use futures_util::{StreamExt, stream::FuturesUnordered};

use crate::{
    observation::{Experiment, Kind, Shown, Situation, millis},
    probe::{Bench, Event},
    target::CheckId,
};
use view::View;

/// How often waiting climbs are looked at: what waits for long is itself an observation.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// One experiment to make. Each is made once a run.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Trial {
    /// The same climb again.
    Repeat(CheckId, IpAddr),
    /// Another name in the hello, and none.
    ServerName(IpAddr, u16),
    /// Hellos that may take only so many hops.
    HelloPath(IpAddr, u16),
    /// Smaller segments.
    SegmentSize(IpAddr, u16),
    /// A larger hello.
    HelloSize(IpAddr, u16),
    /// One version at a time.
    TlsVersion(IpAddr, u16),
    /// Another application protocol in the hello, and none.
    Alpn(IpAddr, u16, &'static str),
    /// The certificate for another name.
    Issuer(IpAddr, u16),
    /// The time at the other end.
    Clock(IpAddr),
    /// The answer in clear.
    Portal(IpAddr),
    /// Names that nobody has.
    DnsWildcard,
    /// Frames of several kinds.
    WebsocketFrames(CheckId, IpAddr),
    /// Where on the path a port is stopped.
    Path(SocketAddr),
    /// Whether this machine itself drops what it sends.
    LocalDrops,
}

/// Every experiment that would tell causes apart, given what is known at the time `now` (since the run began). Pure.
fn wanted(situation: &Situation, now: Duration) -> Vec<Trial> {
    let view = View { situation, now };
    let mut trials = Vec::new();
    trials.extend(server_name::wanted(view));
    trials.extend(alpn::wanted(view));
    trials.extend(hello_path::wanted(view));
    trials.extend(segment_size::wanted(view));
    trials.extend(tls_version::wanted(view));
    trials.extend(issuer::wanted(view));
    trials.extend(repeat::wanted(view));
    trials.extend(clock::wanted(view));
    trials.extend(portal::wanted(view));
    trials.extend(wildcard::wanted(view));
    trials.extend(frames::wanted(view));
    trials.extend(path::wanted(view));
    trials.extend(local_drops::wanted(view));
    trials
}

impl Trial {
    /// The word used in JSON.
    fn kind(&self) -> &'static str {
        match self {
            Self::Repeat(..) => "repeat",
            Self::ServerName(..) => "server-name",
            Self::HelloPath(..) => "hello-path",
            Self::SegmentSize(..) => "segment-size",
            Self::HelloSize(..) => "hello-size",
            Self::TlsVersion(..) => "tls-version",
            Self::Alpn(..) => "alpn",
            Self::Issuer(..) => "issuer",
            Self::Clock(..) => "clock",
            Self::Portal(..) => "portal",
            Self::DnsWildcard => "dns-wildcard",
            Self::WebsocketFrames(..) => "websocket-frames",
            Self::Path(_) => "path",
            Self::LocalDrops => "local-drops",
        }
    }

    /// Makes it; `None` where it could not even begin.
    async fn perform(&self, bench: &Bench<'_>) -> Option<Kind> {
        match self {
            Self::Repeat(check, address) => repeat::perform(bench, check, *address).await.map(Kind::Repeat),
            Self::ServerName(address, port) => server_name::perform(bench, *address, *port).await.map(Kind::ServerName),
            Self::HelloPath(address, port) => hello_path::perform(bench, *address, *port).await.map(Kind::HelloPath),
            Self::SegmentSize(address, port) => {
                segment_size::perform(bench, *address, *port).await.map(Kind::SegmentSize)
            }
            Self::HelloSize(address, port) => hello_size::perform(bench, *address, *port).await.map(Kind::HelloSize),
            Self::TlsVersion(address, port) => tls_version::perform(bench, *address, *port).await.map(Kind::TlsVersion),
            Self::Alpn(address, port, own) => alpn::perform(bench, *address, *port, own).await.map(Kind::Alpn),
            Self::Issuer(address, port) => issuer::perform(bench, *address, *port).await.map(Kind::Issuer),
            Self::Clock(address) => clock::perform(bench, *address).await.map(Kind::Clock),
            Self::Portal(address) => portal::perform(bench, *address).await.map(Kind::Portal),
            Self::DnsWildcard => wildcard::perform(bench).await.map(Kind::DnsWildcard),
            Self::WebsocketFrames(check, address) => {
                frames::perform(bench, check, *address).await.map(Kind::WebsocketFrames)
            }
            Self::Path(failing) => path::perform(bench, *failing).await.map(Kind::Path),
            Self::LocalDrops => local_drops::perform(bench).await.map(Kind::LocalDrops),
        }
    }
}

/// Watches the climbs and makes every experiment that is wanted, until all of both have ended.
pub(crate) async fn experiment(bench: &Bench<'_>) {
    if !bench.settings.experiments {
        return;
    }
    let mut begun = HashSet::new();
    let mut running = FuturesUnordered::new();
    loop {
        // Asked before the look at the board, so that what came last is looked at too.
        let complete = bench.board.is_complete();
        let situation = bench.board.situation();
        let mut trials = wanted(&situation, bench.board.now());
        if bench.settings.large_hello {
            trials.extend(hello_size::wanted(View { situation: &situation, now: bench.board.now() }));
        }
        for trial in trials {
            if !bench.run.is_over() && begun.insert(trial.clone()) {
                running.push(make(bench, trial));
            }
        }
        if complete && running.is_empty() {
            return;
        }
        tokio::select! {
            () = bench.board.changed() => {}
            Some(()) = running.next() => {}
            () = tokio::time::sleep(LOOK_AGAIN), if !complete => {}
        }
    }
}

async fn make(bench: &Bench<'_>, trial: Trial) {
    let began = bench.board.now();
    tracing::debug!(?trial, "an experiment begins");
    (bench.progress)(&Event::ExperimentBegan { kind: trial.kind() });
    let shown = trial.perform(bench).await;
    let duration_ms = millis(bench.board.now().saturating_sub(began));
    (bench.progress)(&Event::ExperimentDone { kind: trial.kind(), duration_ms });
    if let Some(kind) = shown {
        bench.board.add(Experiment { started_after_ms: millis(began), duration_ms, shown: Shown::Known(kind) });
    }
}
