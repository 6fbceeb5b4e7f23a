//! What to try NEXT: one file an experiment. Each says, from what is known so far, where it would tell two causes apart
//! (a pure decision), and how it is made. They run beside the climbs, under the same deadline; where nothing is wrong,
//! or merely slow, none runs.

mod clock;
mod frames;
mod get;
mod local_drops;
mod path;
mod portal;
mod repeat;
#[cfg(test)]
mod tests;
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
        for trial in wanted(&bench.board.situation(), bench.board.now()) {
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
