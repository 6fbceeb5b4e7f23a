//! How the program ends.

use std::io::Write;

/// The exit statuses of the contract, and the shell's own for a second Ctrl-C.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The requirement is met, or the command did its work.
    Met = 0,
    /// The requirement is not met.
    NotMet = 1,
    /// Wrong usage or unreadable input.
    Usage = 2,
    /// We could not run.
    CannotRun = 3,
    /// Ended by the user before anything could be said: 128 + SIGINT.
    Interrupted = 130,
}

impl Status {
    /// The status of a report whose requirement is `met` or not.
    pub fn of(met: bool) -> Self {
        if met { Self::Met } else { Self::NotMet }
    }

    /// A health check knows two statuses, whatever goes wrong: container engines reserve the others.
    pub fn of_health(self) -> Self {
        Self::of(self == Self::Met)
    }
}

/// Why a command did not do its work, in one line that says what to do.
#[derive(Debug)]
pub struct Failure {
    pub status: Status,
    pub message: String,
}

impl Failure {
    /// The user gave something that cannot be used.
    pub fn input(message: impl Into<String>) -> Self {
        Self { status: Status::Usage, message: message.into() }
    }

    /// This machine, or the program, is at fault.
    pub fn cannot_run(message: impl Into<String>) -> Self {
        Self { status: Status::CannotRun, message: message.into() }
    }
}

/// Ends the process.
#[allow(
    clippy::exit,
    reason = "a thread in getaddrinfo cannot be cancelled, and would hold up a return from main for seconds"
)]
pub fn leave(status: Status) -> ! {
    // Nothing is left to tell anyone if this fails.
    let _ = std::io::stdout().flush();
    std::process::exit(status as i32)
}
