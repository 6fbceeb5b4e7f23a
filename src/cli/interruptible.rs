//! Reads files before a run, until the first signal. A pipe, a stdin that is not closed or a file system that hangs may
//! block without end.

use std::path::Path;

use tokio::sync::oneshot;

use super::{
    block_on,
    exit::{CliError, Status},
    signal::{self, Signal},
    signals::{self, Signals},
};

/// What `read` makes of the file at `path`; `-` is stdin. Fails where the user did not wait.
pub fn read<T: Send + 'static>(
    path: &Path,
    signals: &Signals,
    read: impl FnOnce(&Path) -> T + Clone + Send + 'static,
) -> Result<T, CliError> {
    let (give, done) = oneshot::channel();
    let (owned, beside) = (path.to_owned(), read.clone());
    let reading = signals::spawn("input", move || {
        // The receiver may be gone.
        let _ = give.send(beside(&owned));
    });
    if reading.is_err() {
        // Without another thread, most files can still be read.
        return Ok(read(path));
    }
    let done = block_on(async {
        tokio::select! {
            () = signals.received() => Err(interrupted(path)),
            done = done => Ok(done),
        }
    })??;
    done.map_err(|_| CliError::cannot_run("internal fault: a reader ended early; please report it"))
}

fn interrupted(path: &Path) -> CliError {
    let source = if path == Path::new("-") { "stdin".to_owned() } else { path.display().to_string() };
    CliError {
        status: Status::Ended(signal::first().unwrap_or(Signal::Interrupt)),
        message: format!("interrupted before anything was tested: {source} was still being read"),
    }
}
