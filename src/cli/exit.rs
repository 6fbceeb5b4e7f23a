//! How the program ends.

use std::io;

use hubreach::{SettingsError, SetupError};

use super::{
    hints,
    signal::{Signal, first},
};

/// The exit statuses of the contract, and the shell's own for a program that a signal ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The requirement is met, or the command did its work.
    Met,
    /// The requirement is not met.
    NotMet,
    /// Wrong usage or unreadable input.
    Usage,
    /// We could not run.
    CannotRun,
    /// Ended by the user before all was said.
    Ended(Signal),
}

impl Status {
    /// The status of a report whose requirement is `met` or not.
    pub fn of(met: bool) -> Self {
        if met { Self::Met } else { Self::NotMet }
    }

    /// Any status is one of the commands that know all of them.
    pub fn of_any(self) -> Self {
        self
    }

    /// A health check knows two statuses, whatever goes wrong: container engines reserve the others.
    pub fn of_health(self) -> Self {
        Self::of(self == Self::Met)
    }

    fn code(self) -> i32 {
        match self {
            Self::Met => 0,
            Self::NotMet => 1,
            Self::Usage => 2,
            Self::CannotRun => 3,
            // 128 and the signal's number.
            Self::Ended(Signal::HangUp) => 129,
            Self::Ended(Signal::Interrupt) => 130,
            Self::Ended(Signal::Terminate) => 143,
        }
    }
}

/// Why a command did not do its work, in one line that says what to do.
#[derive(Debug)]
pub struct CliError {
    pub status: Status,
    pub message: String,
}

impl CliError {
    /// The user gave something that cannot be used.
    pub fn input(message: impl Into<String>) -> Self {
        Self { status: Status::Usage, message: message.into() }
    }

    /// This machine lacks what the program needs, if that is what `error` says.
    pub fn lacking(error: &io::Error) -> Option<Self> {
        SetupError::lacking(error).map(|lacking| Self::cannot_run(lacking.to_string()))
    }

    /// This machine, or the program, is at fault.
    pub fn cannot_run(message: impl Into<String>) -> Self {
        Self { status: Status::CannotRun, message: message.into() }
    }
}

impl From<SetupError> for CliError {
    fn from(error: SetupError) -> Self {
        if matches!(error, SetupError::Interrupted) {
            let signal = first().unwrap_or(Signal::Interrupt);
            return Self { status: Status::Ended(signal), message: error.to_string() };
        }
        match error.is_input() {
            true => Self::input(hints::setup(&error)),
            false => Self::cannot_run(hints::setup(&error)),
        }
    }
}

impl From<SettingsError> for CliError {
    fn from(error: SettingsError) -> Self {
        Self::input(hints::settings(&error))
    }
}

/// Ends the process, without waiting for anything: a thread in getaddrinfo cannot be cancelled, and one that writes to a pipe
/// which nobody reads holds the lock of stdout. Whoever prints flushes.
#[allow(clippy::exit, reason = "a return from main would wait")]
pub fn leave(status: Status) -> ! {
    std::process::exit(status.code())
}
