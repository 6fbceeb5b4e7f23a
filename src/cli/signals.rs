//! How the user ends a run: the first signal asks for the report so far, the second ends the program at once.

#[cfg_attr(unix, path = "signals/unix.rs")]
#[cfg_attr(not(unix), path = "signals/console.rs")]
mod system;

use std::{
    future::pending,
    thread,
    time::{Duration, Instant},
};

use tokio::sync::watch;

use super::exit::{Status, leave};

/// A signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(unix), allow(dead_code, reason = "a console has Ctrl-C alone"))]
pub enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// A service manager, a container engine, `kill`.
    Terminate,
    /// The terminal is gone, as when SSH drops.
    HangUp,
}

/// One lost terminal sends several signals: the kernel one, the shell another, systemd SIGTERM and SIGHUP together.
const SAME_HANGUP: Duration = Duration::from_millis(500);

/// What the user has asked for. A thread of its own listens, so that neither a busy run, nor output that nobody takes, nor a
/// run that is over makes the program deaf.
#[derive(Debug, Clone)]
pub struct Signals {
    first: watch::Receiver<Option<Signal>>,
}

impl Signals {
    /// Listens from now on, until the process ends. `status` is what a second signal ends it with.
    ///
    /// Where that cannot be had, for want of a thread for instance, signals do what they do by default: end the process.
    pub fn listen(status: fn(Status) -> Status) -> Self {
        let (tell, first) = watch::channel(None);
        if let Some(source) = system::Source::open() {
            let listening = thread::Builder::new().name("signals".to_owned()).spawn(move || {
                let mut since: Option<(Signal, Instant)> = None;
                source.each(|signal| match since {
                    None => {
                        since = Some((signal, Instant::now()));
                        tell.send_replace(Some(signal));
                    }
                    Some((first, at)) if at.elapsed() < SAME_HANGUP && is_same_hangup(first, signal) => {}
                    Some(_) => leave(status(Status::Ended(signal))),
                });
            });
            if listening.is_err() {
                system::Source::close();
            }
        }
        Self { first }
    }

    /// Ready once the user wants the run to end.
    pub async fn told(&self) {
        if self.first.clone().wait_for(Option::is_some).await.is_err() {
            // Nobody listens, or nobody does any more.
            pending::<()>().await;
        }
    }

    /// The signal by which the user wants the run to end, if so.
    pub fn first(&self) -> Option<Signal> {
        *self.first.borrow()
    }
}

fn is_same_hangup(first: Signal, next: Signal) -> bool {
    next != Signal::Interrupt && (first == Signal::HangUp || next == Signal::HangUp)
}
