//! The signal by which the user ends the program.

use std::sync::OnceLock;

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

/// The first, as soon as there was one.
static FIRST: OnceLock<Signal> = OnceLock::new();

/// The signal by which the user wants the run to end, if so.
pub fn first() -> Option<Signal> {
    FIRST.get().copied()
}

/// Remembers `signal`, unless one came before.
pub fn set_first(signal: Signal) -> bool {
    FIRST.set(signal).is_ok()
}
