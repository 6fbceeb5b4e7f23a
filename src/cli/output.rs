//! The only place that prints.

use std::{
    io::{self, Write},
    path::Path,
};

use anstream::{AutoStream, adapter::strip_str};
use hubreach::report::{self, Format, Report};

use super::{args::Output, exit::Failure, file, usage};

/// Prints `reports` on stdout and writes them to every file asked for; all are tried before a failure is told. `events`,
/// lines of NDJSON which stdout has had already, stand before the reports in files of that format.
pub fn deliver(reports: &[Report], events: &str, to: &Output) -> Result<(), Failure> {
    stdout(&report::render(reports, to.format)).and(save_all(reports, events, to))
}

/// Writes `reports` to every file asked for, as [`deliver`] does.
pub fn save_all(reports: &[Report], events: &str, to: &Output) -> Result<(), Failure> {
    let mut done = Ok(());
    for path in &to.output {
        let format = Format::of_path(path).unwrap_or(to.format);
        let before = if format == Format::Ndjson { events } else { "" };
        done = done.and(save(path, &format!("{before}{}", report::render(reports, format))));
    }
    done
}

/// Writes `text` to a file, without colour.
pub fn save(path: &Path, text: &str) -> Result<(), Failure> {
    file::write(path, &strip_str(text).to_string()).map_err(|error| {
        Failure::cannot_run(format!("cannot write {}: {error}; give --output a writable place", path.display()))
    })
}

/// Prints on stdout, in colour where it is wanted. Whoever closed the pipe has read enough.
pub fn stdout(text: &str) -> Result<(), Failure> {
    let mut stream = AutoStream::auto(io::stdout().lock());
    match stream.write_all(text.as_bytes()).and_then(|()| stream.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::cannot_run(format!("cannot write to stdout: {error}; give the output a place with room")))
        }
        _ => Ok(()),
    }
}

/// Prints bytes that are for a program on stdout.
pub fn raw(bytes: &[u8]) -> Result<(), Failure> {
    stdout(&String::from_utf8_lossy(bytes))
}

/// One line on stderr: why the program did not do what it was asked.
pub fn complain(failure: &Failure) {
    stderr("error", &usage::redact(&failure.message));
}

/// One line on stderr: something good to know.
pub fn note(message: &str) {
    stderr("note", message);
}

fn stderr(label: &str, message: &str) {
    let line: String = message.chars().map(|char| if char.is_control() { ' ' } else { char }).collect();
    // Nothing is left to tell anyone if this fails.
    let _ = writeln!(AutoStream::auto(io::stderr().lock()), "{label}: {line}");
}
