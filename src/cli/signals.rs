//! How the user ends a run: the first signal asks for the report so far, the second ends the program at once.

#[cfg_attr(unix, path = "signals/unix.rs")]
#[cfg_attr(not(unix), path = "signals/console.rs")]
mod system;

use std::{
    io, thread,
    time::{Duration, Instant},
};

use hubreach::StopToken;

use super::{
    exit::{Status, leave},
    signal::{Signal, set_first},
};

/// One lost terminal sends several signals: the kernel one, the shell another, systemd SIGTERM and SIGHUP together.
const SAME_HANGUP: Duration = Duration::from_millis(500);

/// Starts a thread that receives no signals: the listening thread takes them, or the first thread if there is none yet.
pub fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    system::unreached(|| thread::Builder::new().name(name.to_owned()).spawn(work).map(drop))
}

/// What the user has asked for. A thread of its own listens, so that a busy run, blocked output or a run that is over
/// do not delay a signal.
#[derive(Debug, Clone)]
pub struct Signals {
    stop: StopToken,
}

impl Signals {
    /// Listens from now on, until the process ends. `status` is what a second signal ends it with.
    ///
    /// Where that cannot be had, for want of a thread for instance, signals do what they do by default: end the process.
    pub fn listen(status: fn(Status) -> Status) -> Self {
        let stop = StopToken::new();
        let token = stop.clone();
        if let Some(source) = system::Source::open() {
            let listening = spawn("signals", move || {
                let mut since = None;
                source.each(|signal| match (since, set_first(signal)) {
                    (None, _) => {
                        since = Some((signal, Instant::now()));
                        token.stop();
                    }
                    (Some((first, at)), _) if at.elapsed() < SAME_HANGUP && is_same_hangup(first, signal) => {}
                    (Some(_), _) => leave(status(Status::Ended(signal))),
                });
            });
            if listening.is_err() {
                system::Source::close();
            }
        }
        Self { stop }
    }

    /// Ready once the user wants the run to end.
    pub async fn received(&self) {
        self.stop.stopped().await;
    }

    /// Stopped once the user wants the run to end.
    pub fn token(&self) -> StopToken {
        self.stop.clone()
    }
}

fn is_same_hangup(first: Signal, next: Signal) -> bool {
    next != Signal::Interrupt && (first == Signal::HangUp || next == Signal::HangUp)
}
