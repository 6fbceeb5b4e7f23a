//! Stdout for a run, and pipes that are to get a report: written to by a thread of its own, so that a reader who reads nothing
//! holds up neither the run, nor the files of the report, nor the end that the user asks for.

use std::{
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
};

use super::{
    exit::{CliError, Status},
    file,
    reader_watch::{POLL_INTERVAL, ReaderWatch},
    signals, stdout,
};

/// Prints what it is given, in order.
#[derive(Debug)]
pub struct Printer {
    /// `None` where no thread could be started.
    thread: Option<Thread>,
}

#[derive(Debug)]
struct Thread {
    texts: Sender<String>,
    ended: Receiver<io::Result<()>>,
    taken: Arc<AtomicUsize>,
}

impl Printer {
    pub fn start() -> Self {
        let (texts, to_print) = mpsc::channel::<String>();
        let (tell, ended) = mpsc::channel();
        let taken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&taken);
        let printing = signals::spawn("stdout", move || {
            let mut print = |text: String| {
                stdout::print_counted(&text, &|bytes| {
                    count.fetch_add(bytes, Ordering::Relaxed);
                })
            };
            // If the user has ended the program, the receiver is gone.
            let _ = tell.send(to_print.into_iter().try_for_each(&mut print));
        });
        Self { thread: printing.is_ok().then_some(Thread { texts, ended, taken }) }
    }

    /// Takes `text` to be printed, and never waits. [`Printer::end`] reports what went wrong.
    pub fn print(&self, text: String) -> Result<(), CliError> {
        match &self.thread {
            Some(thread) => {
                // A thread that has ended had a reason, which is told at the end.
                let _ = thread.texts.send(text);
                Ok(())
            }
            None => stdout::print(&text),
        }
    }

    /// Waits until all is printed; once the user wants the end, only as long as the reader takes something.
    pub fn end(self) -> Result<(), CliError> {
        let Some(Thread { texts, ended, taken }) = self.thread else { return Ok(()) };
        drop(texts);
        match wait(&ended, &taken) {
            Ok(printed) => printed.map_err(|error| stdout::not_printed(&error)),
            Err(status) => {
                let message = "stdout was not read to the end; read all of it, or give --output FILE".to_owned();
                Err(CliError { status, message })
            }
        }
    }
}

/// Writes `bytes` to the pipe or device at `path`, and waits as [`Printer::end`] does.
pub fn write_to(path: &Path, bytes: Vec<u8>) -> Result<io::Result<()>, CliError> {
    let (tell, ended) = mpsc::channel();
    let taken = Arc::new(AtomicUsize::new(0));
    let (to, text, count) = (path.to_owned(), bytes.clone(), Arc::clone(&taken));
    let writing = signals::spawn("output", move || {
        // If the user has ended the program, the receiver is gone.
        let _ = tell.send(file::write_stream(&to, &text, &|bytes| {
            count.fetch_add(bytes, Ordering::Relaxed);
        }));
    });
    if writing.is_err() {
        return Ok(file::write_stream(path, &bytes, &|_| ()));
    }
    wait(&ended, &taken).map_err(|status| {
        let message = format!("{} was not read to the end; read all of it, or give --output a file", path.display());
        CliError { status, message }
    })
}

/// Waits until a thread has `ended`; once the user wants the end, only as long as its reader has `taken` something of late.
fn wait(ended: &Receiver<io::Result<()>>, taken: &AtomicUsize) -> Result<io::Result<()>, Status> {
    let mut reader = ReaderWatch::of(taken);
    loop {
        match ended.recv_timeout(POLL_INTERVAL) {
            Ok(written) => return Ok(written),
            Err(RecvTimeoutError::Disconnected) => return Ok(Ok(())),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if let Some(signal) = reader.has_stalled() {
            return Err(Status::Ended(signal));
        }
    }
}
