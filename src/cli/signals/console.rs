//! The events that a console sends to its programs.

use std::io;

use tokio::runtime::{Builder, Runtime};

use super::Signal;

#[derive(Debug)]
pub struct Source(Runtime);

impl Source {
    pub fn open() -> Option<Self> {
        Builder::new_current_thread().enable_all().build().ok().map(Self)
    }

    pub fn close() {}

    /// Waits for Ctrl-C, Ctrl-Break, or the closing of the console, as long as there are any to come.
    pub fn each(&self, on_signal: impl FnMut(Signal)) {
        // Where they cannot be had, the default stands.
        let _ = self.0.block_on(listen(on_signal));
    }
}

/// A console signals the program, not its threads.
pub fn unreached<T>(work: impl FnOnce() -> T) -> T {
    work()
}

#[cfg(windows)]
async fn listen(mut on_signal: impl FnMut(Signal)) -> io::Result<()> {
    use tokio::signal::windows;

    let (mut key, mut stop, mut close) = (windows::ctrl_c()?, windows::ctrl_break()?, windows::ctrl_close()?);
    loop {
        tokio::select! {
            _ = key.recv() => on_signal(Signal::Interrupt),
            _ = stop.recv() => on_signal(Signal::Interrupt),
            _ = close.recv() => on_signal(Signal::HangUp),
        }
    }
}

#[cfg(not(windows))]
async fn listen(_: impl FnMut(Signal)) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
