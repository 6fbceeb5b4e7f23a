//! What an audit reads before it begins. A pipe, a stdin that nobody closes or a file system that hangs may keep it waiting
//! for ever; the first signal ends that.

use std::{io, path::Path};

use tokio::sync::oneshot;

use super::super::{
    block_on,
    exit::{Failure, Status},
    file,
    signals::{self, Signal, Signals},
};

/// Far above any plan.
const LARGEST: u64 = 16 * 1024 * 1024;

/// The text of the file at `path`; `-` is stdin. The inner error is of the file, the outer one says that the user did not wait.
pub fn read(path: &Path, signals: &Signals) -> Result<io::Result<String>, Failure> {
    let (give, text) = oneshot::channel();
    let owned = path.to_owned();
    let reading = signals::spawn("input", move || {
        // Nobody may be waiting any more.
        let _ = give.send(file::read(&owned, LARGEST));
    });
    if reading.is_err() {
        // Where there are no more threads, most files can be read nevertheless.
        return Ok(file::read(path, LARGEST));
    }
    block_on(async {
        tokio::select! {
            () = signals.told() => Err(interrupted(path)),
            text = text => Ok(text.unwrap_or_else(|_| Err(io::Error::other("it was not read to its end")))),
        }
    })?
}

fn interrupted(path: &Path) -> Failure {
    let source = if path == Path::new("-") { "stdin".to_owned() } else { path.display().to_string() };
    Failure {
        status: Status::Ended(signals::first().unwrap_or(Signal::Interrupt)),
        message: format!("interrupted before anything was tested: {source} was still being read"),
    }
}
