//! HOW to test: one file per stage, and the attempt that runs them.

mod asked;
pub(crate) mod attempt;
pub(crate) mod board;
pub(crate) mod certificate;
pub(crate) mod clock;
pub(crate) mod connect;
pub(crate) mod dns;
mod environment;
mod event;
mod exchange;
pub(crate) mod first_message;
pub(crate) mod guard;
mod kept;
mod machine;
pub(crate) mod moves;
pub(crate) mod os;
pub mod parse;
pub(crate) mod path;
pub(crate) mod random;
pub(crate) mod recording_stream;
pub(crate) mod resolve;
pub(crate) mod response;
pub(crate) mod roots;
pub(crate) mod run;
mod settings;
mod shared;
mod so_far;
pub(crate) mod thread;
pub(crate) mod tls;
mod tls_1_2;
mod traces;
pub(crate) mod transport;
pub(crate) mod trust;
pub(crate) mod upgrade;
pub(crate) mod verify;
mod websocket;

use std::{
    future::Future,
    io,
    net::IpAddr,
    time::{Duration, Instant},
};

use futures_util::future::join_all;

pub use clock::{now, timestamp};
pub use event::Event;
pub use guard::Inner;
pub use roots::RootsError;
pub use settings::{Families, Pem, SLOW_TIMEOUT, Settings};
pub use shared::Shared;
pub use thread::NoThread;
pub(crate) use traces::trace;

use self::{attempt::StageRunner, board::Board, dns::OwnQueries, moves::Carried, roots::Roots, run::Run};
use crate::{
    hub::{Check, HubHost, Target},
    observation::{
        Attempt, CheckObservations, ConnectFailure, Experiment, ExperimentRecord, ExperimentResult, HubSummary,
        LinkRate, LocalNetwork, Observations, Outcome, Resolution, Vantage, millis,
    },
};

/// Why a run could not be made at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// A file of roots cannot be used: wrong input.
    #[error(transparent)]
    Roots(RootsError),
    /// The deadline came while a file of roots was read: a file system that hangs, or a pipe.
    #[error(
        "the root certificates could not be read by the deadline; give --ca and --hub-ca files that can be read at once"
    )]
    RootsLate,
    /// The user ended the run while a file of roots was still being read.
    #[error("interrupted before anything was tested: the root certificates were still being read")]
    Interrupted,
    /// The name stands for what is closed to it; nothing was sent there.
    #[error(
        "the name stands for {address}, {what}: hubs that a pattern allows may not; name the hub itself to have it probed"
    )]
    Guarded {
        /// Where it would have led.
        address: IpAddr,
        /// What that is.
        what: Inner,
    },
    /// Every attempt failed for want of file descriptors, ports or memory.
    #[error("this machine lacks a resource: {0}; close other programs or raise the limit (`ulimit -n`)")]
    NoResources(String),
    /// What blocks could not be given a thread of its own.
    #[error("{0}; close other programs or raise the limit of processes (`ulimit -u`, or a container's pids limit)")]
    NoThread(#[from] NoThread),
    /// This system cannot do it.
    #[error("{0}")]
    Unsupported(&'static str),
    /// A fault of our own.
    #[error("internal fault: {0}; please report it")]
    Internal(String),
}

impl From<RootsError> for SetupError {
    fn from(error: RootsError) -> Self {
        error.lacking().and_then(Self::lacking).unwrap_or(Self::Roots(error))
    }
}

impl SetupError {
    /// What `error` of the system says this machine lacks, if that is what it says.
    pub fn lacking(error: &io::Error) -> Option<Self> {
        os::is_fd_exhausted(error).then(|| Self::NoResources(error.to_string()))
    }

    /// Whether other input would mend it.
    pub fn is_input(&self) -> bool {
        matches!(self, Self::Roots(_))
    }
}

/// How many file descriptors this process may have; raises its own limit as far as the system lets it. `None` where the
/// system does not tell.
pub fn descriptors() -> Option<u64> {
    os::raise_descriptors()
}

/// Makes every check of `target` at once and records what is seen, while `experiment` watches and adds to it. Ends by the deadline of `settings`, or soon after
/// `stop` is ready, with whatever was seen by then. Opens at most two connections for each check and
/// address, and two more where a stage past the TCP handshake stands still.
///
/// Must run inside a tokio runtime with I/O and time enabled. A lookup of the system's resolver cannot be cancelled: its
/// thread may outlive the call.
pub(crate) async fn observe(
    target: &Target,
    settings: &Settings,
    stop: impl Future<Output = ()>,
    progress: &dyn Fn(&Event),
    experiment: impl AsyncFnOnce(&Bench<'_>),
) -> Result<Observations, SetupError> {
    let (run, board) = (Run::new(settings.timeout, settings.slow_timeout), Board::new(settings.depth));
    let started_at = clock::timestamp(clock::now());
    // The deadline holds for it, too, but it never takes that long.
    settings.shared.look_around().await;
    let bench = Bench { run: &run, board: &board, target, settings, progress, started_at: &started_at };
    // On the heap: together they are larger than some threads' stacks bear.
    let (attempting, experiment) = (Box::pin(resolve_and_attempt(&bench)), Box::pin(experiment(&bench)));
    let work = async { tokio::join!(attempting, machine::end_without_network(&bench), experiment).0 };
    match run.make(work, stop).await {
        Some(seen) => {
            let Gathered { roots, resolution, checks } = seen?;
            let mut seen = bench.observations(&roots, resolution, checks);
            if let Some(network) = &mut seen.vantage.network {
                let left = if seen.partial { Duration::ZERO } else { settings.timeout.saturating_sub(board.now()) };
                machine::look_into_hosts_file(network, left).await;
            }
            Ok(seen)
        }
        None if run.was_stopped() => bench.cut_short().ok_or(SetupError::Interrupted),
        None => bench.cut_short().ok_or(SetupError::RootsLate),
    }
}

/// So long an ordinary link does not need for a few handshakes, whatever its round trip, and whatever it loses.
const SLOW: Duration = Duration::from_millis(3500);

/// All that an experiment needs to look at a run, and to make measurements in it.
pub(crate) struct Bench<'a> {
    pub(crate) run: &'a Run,
    pub(crate) board: &'a Board,
    pub(crate) target: &'a Target,
    pub(crate) settings: &'a Settings,
    pub(crate) progress: &'a dyn Fn(&Event),
    /// When the run began, RFC 3339.
    started_at: &'a str,
}

impl Bench<'_> {
    /// All that was seen in the run.
    fn observations(&self, roots: &Roots, resolution: Resolution, checks: Vec<CheckObservations>) -> Observations {
        let Self { run, target, settings, .. } = *self;
        Observations {
            started_at: self.started_at.to_owned(),
            duration_ms: millis(self.board.now()),
            deadline_reached: run.deadline_reached(),
            partial: run.was_stopped(),
            vantage: vantage(roots, settings, &target.host, machine::where_it_failed(self, &resolution, &checks)),
            hub: HubSummary {
                host: target.host.to_string(),
                kind: target.kind,
                kind_assumed: target.kind_assumed,
                roots: roots.hub.as_ref().map(|(_, source)| *source),
            },
            depth: settings.depth,
            role: settings.role,
            requirement: settings.requirement.clone(),
            resolution,
            checks,
            experiments: self.experiments(),
        }
    }

    /// Those that were made, and what shows without one.
    fn experiments(&self) -> Vec<Experiment> {
        let mut experiments = self.board.situation().experiments;
        let Carried { bytes, busy } = self.run.moves().carried();
        if busy >= SLOW {
            let rate = LinkRate { bytes, busy_ms: millis(busy) };
            let record = ExperimentRecord::Known(ExperimentResult::LinkRate(rate));
            experiments.push(Experiment { started_after_ms: 0.0, duration_ms: millis(self.board.now()), record });
        }
        experiments
    }
}

struct Gathered {
    roots: Roots,
    resolution: Resolution,
    checks: Vec<CheckObservations>,
}

async fn resolve_and_attempt(bench: &Bench<'_>) -> Result<Gathered, SetupError> {
    let own = OwnQueries::new(bench.settings);
    // Questions of our own go on while the first of their answers are put to use.
    let asking = own.ask(bench.run, bench.board, &bench.target.host);
    let (seen, ()) = tokio::join!(resolve_then_attempt(bench, &own), asking);
    // Also where it failed: whoever watches must not wait for more.
    bench.board.complete();
    seen
}

async fn resolve_then_attempt(bench: &Bench<'_>, own: &OwnQueries) -> Result<Gathered, SetupError> {
    let Bench { run, board, target, settings, progress, .. } = *bench;
    // Reading a trust store takes milliseconds; they are spent while the name resolves.
    let load = settings.shared.roots(settings, target.built_in_roots());
    let (roots, resolution) = tokio::join!(load, resolve::resolve(run, &target.host, settings, own));
    let (roots, resolution) = (roots?, resolution?);
    let addresses = match resolution.outcome {
        Outcome::Ok | Outcome::NotReached => resolve::to_try(&resolution, settings),
        Outcome::Failed | Outcome::Cancelled => Vec::new(),
    };
    if settings.guarded
        && let Some((address, what)) = guard::first_inner(&resolution.addresses)
    {
        return Err(SetupError::Guarded { address, what });
    }
    progress(&Event::Resolved { outcome: resolution.outcome, addresses: addresses.clone() });
    board.resolved(&resolution, &roots);
    let runner = StageRunner::new(bench, &roots);
    let checks = join_all(target.checks.iter().map(|check| attempt_every_address(&runner, check, &addresses))).await;
    match lacking(&checks) {
        Some(message) => Err(SetupError::NoResources(message)),
        None => Ok(Gathered { roots, resolution, checks }),
    }
}

/// One check at all its addresses at once.
async fn attempt_every_address(runner: &StageRunner<'_>, check: &Check, addresses: &[IpAddr]) -> CheckObservations {
    let began = Instant::now();
    let attempts = join_all(addresses.iter().map(|address| runner.attempt(check, *address))).await;
    let duration_ms = if addresses.is_empty() { 0.0 } else { millis(began.elapsed()) };
    let completed = attempts.iter().any(|attempt| runner.arrived(attempt));
    (runner.progress)(&Event::CheckDone { check: check.id.clone(), completed, duration_ms });
    seen(check, duration_ms, attempts)
}

fn seen(check: &Check, duration_ms: f64, attempts: Vec<Attempt>) -> CheckObservations {
    CheckObservations {
        id: check.id.clone(),
        protocol: check.endpoint.protocol,
        port: check.endpoint.port,
        route: check.route,
        duration_ms,
        attempts,
    }
}

/// What this machine lacked, where that is all that was seen.
fn lacking(checks: &[CheckObservations]) -> Option<String> {
    let mut attempts = checks.iter().flat_map(|check| &check.attempts).peekable();
    attempts.peek()?;
    let mut lacks = attempts.map(|attempt| match attempt.connect.failure() {
        Some(ConnectFailure::NoResources { message }) => Some(message),
        _ => None,
    });
    let first = lacks.next()??;
    lacks.all(|lack| lack.is_some()).then(|| first.clone())
}

fn vantage(roots: &Roots, settings: &Settings, host: &HubHost, network: Option<LocalNetwork>) -> Vantage {
    let machine = settings.shared.machine();
    let proxy = environment::proxy(host, |name| std::env::var(name).ok());
    Vantage {
        host: machine.host,
        utc_offset_minutes: settings.shared.utc_offset_minutes(),
        os: std::env::consts::OS.to_owned(),
        gateway: machine.gateway,
        resolvers: match settings.resolvers.as_slice() {
            [] => machine.resolvers.unwrap_or_default(),
            named => named.iter().map(ToString::to_string).collect(),
        },
        unused_resolvers: match settings.resolvers.as_slice() {
            [] => machine.unused_resolvers,
            _ => Vec::new(),
        },
        proxy_source: proxy.as_ref().map(|proxy| proxy.variable.to_owned()),
        proxy: proxy.map(|proxy| proxy.url),
        trust_store: roots.trust_store(),
        network,
    }
}

/// Frames of a WebSocket, read as a check reads them.
#[cfg(fuzzing)]
pub(crate) fn read_frames(bytes: &[u8]) {
    websocket::read(bytes);
}
