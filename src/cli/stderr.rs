//! Lines on stderr: written by a thread of its own, so that a terminal that stands still, or a reader who does not read, holds
//! up neither the run nor its report.

use std::{
    io::{self, Write},
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender},
    },
};

use super::{
    reader_watch::{POLL_INTERVAL, ReaderWatch},
    signals,
};

/// Limits the lines that wait for a slow reader; more are lost, and counted.
const MAX_WAITING: usize = 4096;
/// The thread, from the first line on; `None` where none can be started.
static THREAD: OnceLock<Option<SyncSender<Job>>> = OnceLock::new();
static WRITTEN: AtomicUsize = AtomicUsize::new(0);
static LOST: AtomicUsize = AtomicUsize::new(0);

enum Job {
    Write(Vec<u8>),
    /// Tells that all before it is written.
    Tell(Sender<()>),
}

/// Writes `line`, with its line break; waits for nothing.
pub fn put(line: &[u8]) {
    match THREAD.get_or_init(start) {
        Some(thread) => {
            if thread.try_send(Job::Write(line.to_vec())).is_err() {
                LOST.fetch_add(1, Ordering::Relaxed);
            }
        }
        None => write(line),
    }
}

/// Waits until all lines are written; once the user wants the end, only as long as the reader takes something.
pub fn flush() {
    let Some(Some(thread)) = THREAD.get() else { return };
    let (flushed, is_flushed) = mpsc::channel();
    let mut job = Some(Job::Tell(flushed));
    let mut reader = ReaderWatch::of(&WRITTEN);
    loop {
        if let Some(flushed) = job.take() {
            job = thread.try_send(flushed).err().map(|error| match error {
                mpsc::TrySendError::Full(flushed) | mpsc::TrySendError::Disconnected(flushed) => flushed,
            });
        }
        if is_flushed.recv_timeout(POLL_INTERVAL) != Err(RecvTimeoutError::Timeout) {
            return;
        }
        if reader.has_stalled().is_some() {
            return;
        }
    }
}

/// Where the log is written.
#[derive(Debug, Clone, Copy)]
pub struct Lines;

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        put(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn start() -> Option<SyncSender<Job>> {
    let (thread, jobs) = mpsc::sync_channel(MAX_WAITING);
    signals::spawn("stderr", move || work(&jobs)).ok().map(|()| thread)
}

fn work(jobs: &Receiver<Job>) {
    for job in jobs {
        match job {
            Job::Write(line) => write(&line),
            // The receiver may have given up.
            Job::Tell(flushed) => drop(flushed.send(())),
        }
        WRITTEN.fetch_add(1, Ordering::Relaxed);
        let lost = LOST.swap(0, Ordering::Relaxed);
        if lost > 0 {
            write(format!("note: {lost} lines were lost here, for nobody read them\n").as_bytes());
        }
    }
}

fn write(line: &[u8]) {
    // Nothing is left to tell anyone if this fails.
    let _ = io::stderr().lock().write_all(line);
}
