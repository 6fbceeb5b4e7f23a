//! What is read before a run begins. A pipe, a stdin that nobody closes or a file system that hangs may keep it waiting for
//! ever; the first signal ends that.

use std::path::Path;

use tokio::sync::oneshot;

use super::{
    block_on,
    exit::{CliError, Status},
    signals::{self, Signal, Signals},
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
        // Nobody may be waiting any more.
        let _ = give.send(beside(&owned));
    });
    if reading.is_err() {
        // Where there are no more threads, most files can be read nevertheless.
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
        status: Status::Ended(signals::first().unwrap_or(Signal::Interrupt)),
        message: format!("interrupted before anything was tested: {source} was still being read"),
    }
}
